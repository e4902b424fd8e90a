import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Counts, Spent } from '../rate-limits.ts'
import { LeasedCounts } from './leased-counts.ts'

const MINUTE_MS = 60_000

/** Counts of one place whose minute begins with its first point, and how often they were asked. */
class Minute implements Counts {
  nowMs = 0
  asked = 0
  #consumed = 0
  #endMs = 0

  async count(_place: number, points: number): Promise<Spent> {
    this.asked++
    if (this.nowMs >= this.#endMs) {
      this.#consumed = 0
      this.#endMs = this.nowMs + MINUTE_MS
    }
    this.#consumed += points
    return { consumedPoints: this.#consumed, msBeforeNext: this.#endMs - this.nowMs }
  }
}

it('let pass no more than the limit a minute, and hardly less, whoever asks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.nat(7), { minLength: 1, maxLength: 40 }),
      async (limit, processes, order) => {
        const minute = new Minute()
        const leased = Array.from(
          { length: processes },
          () => new LeasedCounts(minute, limit, processes, () => minute.nowMs),
        )
        for (let round = 0; round < 2; round++) {
          let passed = 0
          for (let n = 0; n < limit + 100; n++) {
            const { consumedPoints, msBeforeNext } = await leased[order[n % order.length] % processes].count(
              7,
              1,
            )
            expect(msBeforeNext).toBeGreaterThan(0)
            if (consumedPoints <= limit) passed++
          }
          expect(passed).toBeLessThanOrEqual(limit)
          expect(passed).toBeGreaterThanOrEqual(Math.floor(limit * (1 - 1 / 32)))
          minute.nowMs += MINUTE_MS
        }
      },
    ),
    { numRuns: 30 },
  )
})

it('ask once for many, also where all come at once, and not for those that are refused', async () => {
  const minute = new Minute()
  const leased = new LeasedCounts(minute, 6400, 2, () => minute.nowMs)
  const all = await Promise.all(Array.from({ length: 6500 }, () => leased.count(1, 1)))
  expect(all.filter(({ consumedPoints }) => consumedPoints <= 6400)).toHaveLength(6400)
  expect(minute.asked).toBeLessThan(70)
})
