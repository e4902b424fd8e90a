import type { Counts, Spent } from '../rate-limits.ts'
import type { Calls } from './calls.ts'
import { ShardDownError } from './errors.ts'
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
  return (name: string, counts: Counts): Counts => {
    own.set(name, counts)
    return {
      count: (place, points) => {
        const home = place % count
        if (home === index) return counts.count(place, points)
        return calls
          .ask<Spent>(home, 'count', { name, place, points } satisfies Question)
          .catch((error: unknown) => {
            // Who counts is starting again: nobody is kept out meanwhile.
            if (error instanceof ShardDownError) return NOTHING_SPENT
            throw error
          })
      },
    }
  }
}
