import type { PeerSettings } from '../../peer/core/options.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { ORIGIN_DEFAULTS, type OriginConfig, type SimConfig, type SwarmConfig } from '../config.ts'
import { drawFaults, type Fault, type NodeFaults } from '../faults.ts'
import type { CreateRanker } from '../world-context.ts'
import type { NodeRecord } from '../world-result.ts'
import { type Run, runWorld, smallConfig } from '../world.testing.ts'

export const CONTENT_BYTES = 10e6
export const CHUNKS = 40

/** What a test of faults wants to be different. */
export interface FaultWorld {
  readonly faults: readonly Fault[]
  readonly swarm?: Partial<SwarmConfig>
  readonly peer?: Partial<PeerSettings>
  readonly durationLimitS?: number
  readonly changes?: Partial<SimConfig>
  readonly createRanker?: CreateRanker
}

/** A peer of a run that has ended, with the times in seconds that tests speak of. */
export interface Outcome extends NodeRecord {
  readonly arrivedS: number
  /** When its last chunk came; NaN where none did. */
  readonly lastChunkS: number
  readonly isComplete: boolean
  /** What was drawn for it. */
  readonly struck: NodeFaults
}

/**
 * Twelve peers with 1 Mbit/s up and two seeds, no origin, in two regions, with all checks on: calm, the last has its 10 MB
 * after about two minutes.
 */
export function runFaults({
  faults,
  swarm,
  peer,
  durationLimitS = 1800,
  changes = {},
  createRanker,
}: FaultWorld) {
  const calm = smallConfig()
  const config = {
    ...calm,
    durationLimitS,
    workload: { ...calm.workload, contentBytes: CONTENT_BYTES, chunkBytes: CONTENT_BYTES / CHUNKS },
    swarm: { ...calm.swarm, peers: 12, initialSeeds: 2, origin: null, ...swarm },
    accessClasses: [{ name: 'dsl', upBps: 125_000, downBps: 1_250_000, lastMileMs: 10, weight: 1 }],
    regions: { 'eu-west': 1, 'na-east': 1 },
    peer: { ...calm.peer, ...peer },
    faults,
    ...changes,
  } as SimConfig
  const run = runWorld(config, createRanker)
  const random = new SeededRandom(config.seed)
  const struckOf = ({ label, region }: NodeRecord): NodeFaults =>
    drawFaults(config.faults, 'peer', region, random.fork('faults', label))
  return {
    run,
    peers: run.result.peers.map((record) => outcomeOf(record, run, struckOf(record))),
  }
}

function outcomeOf(record: NodeRecord, { rows }: Run, struck: NodeFaults): Outcome {
  const ends = rows
    .filter((row) => row.place === 'peer' && row.requesterId === record.peerId && row.result === 'ok')
    .map((row) => (row.decidedMs + row.durationMs) / 1000)
  return {
    ...record,
    arrivedS: record.arrivedMs / 1000,
    lastChunkS: ends.length > 0 ? Math.max(...ends) : NaN,
    isComplete: record.chunks === CHUNKS,
    struck,
  }
}

export const latest = (peers: readonly Outcome[]): number =>
  Math.max(...peers.map(({ lastChunkS }) => lastChunkS))

/** A server for worlds without seeds. */
export const ORIGIN: OriginConfig = { ...ORIGIN_DEFAULTS, upBps: 500_000, downBps: 1e6 }

/** From the beginning to beyond any end. */
export const ALWAYS = { atS: 0, forS: 1e5 } as const
