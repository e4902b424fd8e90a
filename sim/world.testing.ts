import type { CandidateSet, Ranker, Ranking } from '../peer/ports/ranker.ts'
import type { Random } from '../peer/ports/random.ts'
import type { OutcomeRow } from '../peer/ports/recorder.ts'
import { SeededRandom, shuffle } from '../peer/ports/seeded-random.ts'
import { SIM_DEFAULTS, type SimConfig } from './config.ts'
import { DOWNLOAD_DEFAULTS } from './download/config.ts'
import { hash32 } from './hash.ts'
import { MemoryRecorder } from './memory-recorder.ts'
import type { TraceEvent, TraceSink } from './trace.ts'
import { World } from './world.ts'
import type { CreateRanker } from './world-context.ts'
import type { WorldResult } from './world-result.ts'

/** Orders candidates at random. */
export class RandomRanker implements Ranker {
  readonly name = 'random'
  readonly version = '1'
  readonly readsFeatures = false
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  rank({ count }: CandidateSet, wanted: number): Ranking {
    const order = shuffle(
      Array.from({ length: count }, (_, i) => i),
      this.#random,
    )
    order.length = Math.min(wanted, count)
    return { order, scores: new Float32Array(count), propensity: 1 / count, explored: false }
  }
}

export const randomPolicy: CreateRanker = (_place, _label, random) => new RandomRanker(random)

type Changes = { readonly [K in keyof SimConfig]?: Partial<SimConfig[K]> | SimConfig[K] }

/** A small swarm with all checks on: the defaults, one level of changes deep. */
export function smallConfig(changes: Changes = {}): SimConfig {
  const config: Record<string, unknown> = {
    ...SIM_DEFAULTS,
    durationLimitS: 3600,
    workload: { ...DOWNLOAD_DEFAULTS, contentBytes: 8e6, chunkBytes: 1e6 },
    swarm: { ...SIM_DEFAULTS.swarm, peers: 20, initialSeeds: 2 },
    churn: { ...SIM_DEFAULTS.churn, arrivals: { kind: 'flash', windowS: 20 } },
    checks: { level: 'full', everyS: 5, onViolation: 'throw' },
  }
  for (const [key, change] of Object.entries(changes)) {
    const isPart = typeof change === 'object' && change !== null && !Array.isArray(change)
    config[key] = isPart ? { ...(config[key] as object), ...change } : change
  }
  return config as unknown as SimConfig
}

export interface Run {
  readonly result: WorldResult
  readonly rows: readonly OutcomeRow[]
  /** Hash of all rows; floats by their bits, so that NaN and -0 count. */
  readonly rowsHash: number
}

export function createWorld(config: SimConfig): World {
  return new World(config, { createRanker: randomPolicy, recorder: recorderOf(config) })
}

export function runWorld(
  config: SimConfig,
  createRanker: CreateRanker = randomPolicy,
  trace?: TraceSink,
): Run {
  const recorder = recorderOf(config)
  const result = new World(config, { createRanker, recorder, trace }).run()
  return { result, rows: recorder.rows, rowsHash: hashRows(recorder.rows) }
}

/** Runs a world and keeps its whole trace. */
export function traceWorld(config: SimConfig): { run: Run; events: TraceEvent[] } {
  const events: TraceEvent[] = []
  const run = runWorld(config, randomPolicy, { take: (event) => events.push(event) })
  return { run, events }
}

function recorderOf({ recording, seed }: SimConfig): MemoryRecorder {
  return new MemoryRecorder({
    sampleRates: { peer: recording.sampleRate, tracker: recording.trackerSampleRate },
    random: new SeededRandom(`${seed}/recording`),
  })
}

function hashRows(rows: readonly OutcomeRow[]): number {
  let hash = 0
  for (const { features, scores, ...rest } of rows) {
    const numbers = [features, scores].map((array) => new Uint8Array(array.buffer.slice(0)).join())
    hash = hash32(JSON.stringify([rest, numbers]), hash)
  }
  return hash
}
