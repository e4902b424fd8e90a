import type { CountedLimit, Counts, Spent } from '../rate-limits.ts'
import type { Calls } from './calls.ts'
import { ShardDownError } from './errors.ts'
import { LeasedCounts } from './leased-counts.ts'
import type { Mesh } from './mesh.ts'

interface Question {
  readonly name: string
  readonly place: number
  readonly points: number
}

const NOTHING_SPENT: Spent = { consumedPoints: 0, msBeforeNext: 0 }

/** Makes counts those of the whole cluster: each place is counted by one process, whichever a request came to. */
export function shareCounts({ place: { index, count } }: Mesh, calls: Calls) {
  const own = new Map<string, Counts>()
  calls.answer('count', (_from, { name, place, points }: Question) => own.get(name)!.count(place, points))
  return (name: string, counts: Counts, { points, isBusy }: CountedLimit): Counts => {
    own.set(name, counts)
    const exact: Counts = {
      count: (place, points) =>
        calls.ask<Spent>(place % count, 'count', { name, place, points } satisfies Question),
    }
    const theirs = isBusy ? new LeasedCounts(exact, points, count) : exact
    return {
      count: (place, points) => {
        if (place % count === index) return counts.count(place, points)
        return theirs.count(place, points).catch((error: unknown) => {
          // Who counts is starting again: nobody is kept out meanwhile.
          if (error instanceof ShardDownError) return NOTHING_SPENT
          throw error
        })
      },
    }
  }
}
