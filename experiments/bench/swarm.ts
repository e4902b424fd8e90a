import { createRanker } from '../../model/policies.ts'
import { SIM_DEFAULTS, type SimConfig } from '../../sim/config.ts'
import { World } from '../../sim/world.ts'

const CHUNK_BYTES = 1_000_000
/**
 * With these a peer that fetches has 40 neighbours or a few more on average, more in longer runs. Like other clients it dials
 * until it has well below what it lets in, so that few of those dialled are full.
 */
const NEIGHBOURS = { maxNeighbours: 60, targetNeighbours: 24 }
/** Every so many steps of progress the neighbours are counted. */
const STEPS_A_COUNT = 4

export interface SwarmBench {
  readonly peers: number
  readonly chunks: number
}

export interface SwarmBenchResult extends SwarmBench {
  /** Fetches that ended, however they did. */
  readonly fetches: number
  readonly wallSeconds: number
  readonly fetchesPerSecond: number
  /** Neighbours of a peer that fetches. */
  readonly meanNeighbours: number
  readonly peakRssBytes: number
}

/**
 * Real tracker and peer cores on the simulated network: a flash crowd of peers of all access classes fetches `chunks`
 * chunks of 1 MB from few seeds and from each other; neighbour sets of 40 or more on average, nothing recorded. Run it in a
 * process of its own: the peak memory is the process's.
 */
export function runSwarmBench({ peers, chunks }: SwarmBench): SwarmBenchResult {
  const startedMs = performance.now()
  const world = new World(benchConfig(peers, chunks), {
    createRanker: (_place, _label, random) => createRanker({ name: 'random' }, { random }),
    recorder: { wants: () => false, record: () => {} },
  })
  let steps = 0
  let neighbours = 0
  let fetching = 0
  const { results } = world.run(({ arrived, finished }) => {
    if (steps++ % STEPS_A_COUNT !== 0 || arrived === finished) return
    neighbours += world.meanNeighbours * (arrived - finished)
    fetching += arrived - finished
  })
  const wallSeconds = (performance.now() - startedMs) / 1000
  const fetches = Object.values(results).reduce((sum, count) => sum + count, 0)
  return {
    peers,
    chunks,
    fetches,
    wallSeconds,
    fetchesPerSecond: fetches / wallSeconds,
    meanNeighbours: neighbours / fetching,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

function benchConfig(peers: number, chunks: number): SimConfig {
  return {
    ...SIM_DEFAULTS,
    workload: { kind: 'download', contents: 1, contentBytes: chunks * CHUNK_BYTES, chunkBytes: CHUNK_BYTES },
    swarm: {
      ...SIM_DEFAULTS.swarm,
      peers,
      initialSeeds: Math.max(4, Math.ceil(peers / 250)),
    },
    peer: { ...SIM_DEFAULTS.peer, ...NEIGHBOURS },
  }
}
