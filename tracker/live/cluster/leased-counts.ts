import type { Counts, Spent } from '../rate-limits.ts'

/** All processes together hold no more than this share of a limit in advance, per place. */
const MOST_LEASED = 1 / 32

interface Lease {
  /** Points that may be spent without asking. */
  left: number
  /** What the place had spent when they were given, they themselves included. */
  consumedPoints: number
  /** When the minute of the place ends. */
  untilMs: number
  isSpent: boolean
}

/**
 * Counts that another process keeps, asked for some points at a time: a question for each request would cost as much as an
 * announce. The limit is never exceeded; it is reached a little early where other processes hold points that they don't spend.
 */
export class LeasedCounts implements Counts {
  readonly #counts: Counts
  readonly #limit: number
  readonly #block: number
  readonly #leases = new Map<number, Lease>()
  readonly #asked = new Map<number, Promise<void>>()
  readonly #nowMs: () => number

  /** `processes`: how many lease from one limit. */
  constructor(counts: Counts, limit: number, processes: number, nowMs = (): number => performance.now()) {
    this.#counts = counts
    this.#limit = limit
    this.#block = Math.max(1, Math.floor((limit * MOST_LEASED) / processes))
    this.#nowMs = nowMs
  }

  async count(place: number, points: number): Promise<Spent> {
    for (;;) {
      const lease = this.#leases.get(place)
      if (lease && this.#nowMs() < lease.untilMs) {
        if (lease.left >= points) {
          lease.left -= points
          return this.#spent(lease, lease.consumedPoints - lease.left)
        }
        // Those that held more may spend it until the minute ends.
        if (lease.isSpent) return this.#spent(lease, this.#limit + points)
      }
      const asked = this.#asked.get(place) ?? this.#lease(place, points)
      this.#asked.set(place, asked)
      await asked
    }
  }

  #spent({ untilMs }: Lease, consumedPoints: number): Spent {
    return { consumedPoints, msBeforeNext: untilMs - this.#nowMs() }
  }

  async #lease(place: number, points: number): Promise<void> {
    try {
      const block = Math.max(this.#block, points)
      const { consumedPoints, msBeforeNext } = await this.#counts.count(place, block)
      const given = Math.max(0, block - Math.max(0, consumedPoints - this.#limit))
      const before = this.#leases.get(place)
      const left = given + (before && this.#nowMs() < before.untilMs ? before.left : 0)
      this.#leases.set(place, {
        ...{ left, consumedPoints: Math.min(consumedPoints, this.#limit), isSpent: given < block },
        untilMs: this.#nowMs() + msBeforeNext,
      })
    } finally {
      this.#asked.delete(place)
    }
  }
}
