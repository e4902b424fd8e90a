import type { SimConfig, SwarmConfig } from '../config.ts'
import { ORIGIN_DEFAULTS, SIM_DEFAULTS } from '../config.ts'
import { measure } from '../measure.ts'
import { runWorld, smallConfig } from '../world.testing.ts'
import type { WorldResult } from '../world-result.ts'
import { LIVE_WORKLOAD_DEFAULTS, type LiveConfig } from './config.ts'

interface LiveChanges {
  readonly live?: Partial<LiveConfig>
  readonly swarm?: Partial<SwarmConfig>
  readonly sourceBps?: number
  /** Bytes a second that every viewer can send. */
  readonly upBps?: number
  readonly rest?: Partial<SimConfig>
}

/** A small audience of equal viewers 40 ms apart, with all checks on: 400 kbit/s, a source for 8 of them. */
export function liveConfig({
  live,
  swarm,
  sourceBps = 400_000,
  upBps = 125_000,
  rest,
}: LiveChanges = {}): SimConfig {
  return {
    ...smallConfig(),
    workload: { ...LIVE_WORKLOAD_DEFAULTS, streamS: 30, startBufferMs: 3_000, ...live },
    swarm: {
      ...SIM_DEFAULTS.swarm,
      peers: 20,
      initialSeeds: 0,
      origin: {
        ...ORIGIN_DEFAULTS,
        upBps: sourceBps,
        settings: { maxNeighbours: 10, targetNeighbours: 8, uploadSlots: 4, uploadQueue: 4, maxUnchoked: 20 },
      },
      ...swarm,
    },
    accessClasses: [{ name: 'all', upBps, downBps: 10 * upBps, lastMileMs: 0, weight: 1 }],
    churn: { ...SIM_DEFAULTS.churn, arrivals: { kind: 'flash', windowS: 5 } },
    network: { ...SIM_DEFAULTS.network, rtt: { kind: 'constant', ms: 40 } },
    peer: {
      ...SIM_DEFAULTS.peer,
      ...{ targetNeighbours: 8, maxNeighbours: 16, uploadSlots: 2, uploadQueue: 4 },
      ...{ maxFetches: 16, maxFetchesPerSeed: 4, uploadsPerNeighbour: 4 },
    },
    ...rest,
  }
}

export interface LiveRun {
  readonly result: WorldResult
  readonly metrics: Record<string, number>
  readonly rowsHash: number
}

export function runLive(changes: LiveChanges = {}): LiveRun {
  const { result, rowsHash } = runWorld(liveConfig(changes))
  return { result, metrics: measure(result), rowsHash }
}
