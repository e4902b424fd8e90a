import type { Ranker } from '../../peer/ports/ranker.ts'
import type { Swarm } from '../core/swarm.ts'
import type { Tracker } from '../core/tracker.ts'
import type { Contents } from './contents.ts'

/** Most swarms that are listed one by one. */
const MAX_LISTED = 1000

/** What `GET /v1/swarms` tells. */
export interface SwarmStats {
  readonly swarms: number
  readonly peers: number
  readonly announces: number
  readonly contents: number
  readonly policy: string
  readonly policyVersion: string
  /** The largest swarms first, at most 1,000. */
  readonly largest: readonly SwarmFigures[]
}

export interface SwarmFigures {
  readonly contentId: string
  readonly chunks: number
  readonly origins: number
  readonly seeds: number
  readonly leechers: number
  readonly completions: number
}

export function swarmStats(tracker: Tracker, contents: Contents, ranker: Ranker): SwarmStats {
  const swarms = [...tracker.swarms()]
  return {
    swarms: swarms.length,
    peers: swarms.reduce((sum, { size }) => sum + size, 0),
    announces: tracker.announces,
    contents: contents.count,
    policy: ranker.name,
    policyVersion: ranker.version,
    largest: swarms
      .toSorted((a, b) => b.size - a.size)
      .slice(0, MAX_LISTED)
      .map(describeSwarm),
  }
}

/** Statistics of several processes as those of one tracker. */
export function addStats(all: readonly SwarmStats[]): SwarmStats {
  const sum = (count: (one: SwarmStats) => number): number =>
    all.reduce((total, one) => total + count(one), 0)
  const sizeOf = ({ origins, seeds, leechers }: SwarmFigures): number => origins + seeds + leechers
  return {
    swarms: sum(({ swarms }) => swarms),
    peers: sum(({ peers }) => peers),
    announces: sum(({ announces }) => announces),
    contents: sum(({ contents }) => contents),
    policy: all[0].policy,
    policyVersion: all[0].policyVersion,
    largest: all
      .flatMap(({ largest }) => largest)
      .sort((a, b) => sizeOf(b) - sizeOf(a))
      .slice(0, MAX_LISTED),
  }
}

export const describeSwarm = ({
  contentId,
  chunkCount,
  origins,
  seeds,
  leechers,
  completions,
}: Swarm): SwarmFigures => ({
  ...{ contentId, chunks: chunkCount, origins: origins.length, seeds, leechers, completions },
})
