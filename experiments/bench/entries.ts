import { BACKEND_NAMES, type BackendName } from '../../model/backend.ts'
import { UsageError } from '../errors.ts'
import type { DecisionBenchResult } from './decision.ts'
import { runFlowBench } from './flows.ts'
import type { TransferResult } from './peer-transfer.ts'
import type { OutcomesBenchResult } from './outcomes.ts'
import type { RtcBenchResult } from './rtc.ts'
import { runStarSwarm, type StarSwarmResult } from './star-swarm.ts'
import { runSwarmBench, type SwarmBenchResult } from './swarm.ts'
import { benchTracker, TRACKER_MEASURES, type TrackerBenchResult, type TrackerMeasure } from './tracker.ts'
import type { TrainingBenchResult } from './training.ts'

/** What `seedbed bench --json` prints. */
export interface BenchReport {
  flows: FlowEntry[]
  swarm: SwarmBenchResult[]
  /** The workload of SimGrid's BitTorrent example. */
  star: StarSwarmResult[]
  /** Null where it was not asked for. */
  decision: DecisionBenchResult | null
  training: TrainingBenchResult[]
  tracker: TrackerBenchResult
  /** A WebRTC data channel, by size of message. */
  rtc: RtcBenchResult[]
  /** A file over loopback, by who seeds and who fetches. */
  peer: TransferResult[]
  /** The store of live outcomes, by candidates of a row. */
  outcomes: OutcomesBenchResult[]
}

export interface FlowEntry {
  readonly hosts: number
  readonly flowsPerHost: number
  readonly completionsPerSecond: number
  readonly peakRssBytes: number
}

/** What is run where nothing is named. */
export const ALL_ENTRIES: readonly string[] = [
  'flows:1000x4',
  'flows:10000x4',
  'flows:100000x4',
  'flows:1000x1',
  'swarm:1000',
  'swarm:10000',
  'decision',
  'training:wasm',
  'training:tensorflow',
  'rtc:16',
  'rtc:64',
  'outcomes:12',
  'outcomes:100',
]

// Not run where nothing is named: peer:1000, which needs aria2c; tracker:…, which needs wrk and bittorrent-tracker; swarm:100000x20, which takes many minutes and gigabytes, and star:1000, star:5000.

const CHUNKS = 100
const CANDIDATES = 32

/** Runs one entry, named as in `--only`, in this process; nothing where a training backend is not installed. Throws UsageError. */
export async function runEntry(
  name: string,
  onNotice: (text: string) => void,
): Promise<Partial<BenchReport>> {
  const [kind, size] = name.split(':')
  switch (kind) {
    case 'flows':
      return { flows: [flows(name, size)] }
    case 'swarm':
      return { swarm: [swarm(name, size)] }
    case 'star':
      return { star: [star(name, size)] }
    case 'decision': {
      const { benchDecision } = await import('./decision.ts')
      return { decision: benchDecision({ candidates: CANDIDATES }) }
    }
    case 'peer': {
      if (!/^[1-9]\d{0,4}$/.test(size ?? '')) throw invalid(name)
      const { benchTransfers } = await import('./peer-transfer.ts')
      return { peer: await benchTransfers(Number(size)) }
    }
    // TensorFlow.js would take more memory than a small swarm does.
    case 'training': {
      if (!(BACKEND_NAMES as readonly (string | undefined)[]).includes(size)) throw invalid(name)
      const { benchTraining } = await import('./training.ts')
      return { training: await benchTraining([size as BackendName], onNotice) }
    }
    case 'tracker':
      if (!(TRACKER_MEASURES as readonly (string | undefined)[]).includes(size)) throw invalid(name)
      return { tracker: await benchTracker(size as TrackerMeasure) }
    case 'outcomes': {
      if (!/^([1-9]\d?|1\d\d|200)$/.test(size ?? '')) throw invalid(name)
      const { benchOutcomes } = await import('./outcomes.ts')
      return { outcomes: [await benchOutcomes(Number(size))] }
    }
    case 'rtc': {
      if (!/^([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-6])$/.test(size ?? '')) throw invalid(name)
      const { benchRtc } = await import('./rtc.ts')
      return { rtc: [await benchRtc(Number(size))] }
    }
    default:
      throw invalid(name)
  }
}

function flows(name: string, size = ''): FlowEntry {
  const [, hosts, flowsPerHost] = /^(\d{1,7})x(\d{1,3})$/.exec(size)?.map(Number) ?? []
  if (!(hosts >= 2 && flowsPerHost >= 1)) throw invalid(name)
  const { completionsPerSecond, peakRssBytes } = runFlowBench({ hosts, flowsPerHost })
  return { hosts, flowsPerHost, completionsPerSecond, peakRssBytes }
}

function swarm(name: string, size = ''): SwarmBenchResult {
  const [, peers, chunks = CHUNKS] =
    /^(\d{1,6})(?:x(\d{1,4}))?$/.exec(size)?.map((text) => text && Number(text)) ?? []
  if (!(Number(peers) >= 1 && Number(chunks) >= 1)) throw invalid(name)
  return runSwarmBench({ peers: Number(peers), chunks: Number(chunks) })
}

function star(name: string, size = ''): StarSwarmResult {
  if (!/^[1-9]\d{1,5}$/.test(size)) throw invalid(name)
  return runStarSwarm(Number(size))
}

const invalid = (name: string): UsageError =>
  new UsageError(
    `invalid benchmark: ${JSON.stringify(name)} (flows:HOSTSxFLOWS, swarm:PEERS, swarm:PEERSxCHUNKS, star:PEERS, peer:MEGABYTES, decision, rtc:KIB of a message up to 256, outcomes:CANDIDATES of a row up to 200, tracker:MEASURE with ${TRACKER_MEASURES.join(', ')}, or training:BACKEND with ${BACKEND_NAMES.join(', ')})`,
  )
