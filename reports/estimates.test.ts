import seedrandom from 'seedrandom'
import { describe, expect, it } from 'vitest'
import { estimate, meanInterval95, ratioInterval95 } from './estimates.ts'

function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
}

describe('mean interval', () => {
  it('matches a worked example', () => {
    // Mean 4.6, variance 0.125, five values: 4.6 ± 2.7764451 · √(0.125 / 5).
    const [low, high] = meanInterval95([4.1, 5.0, 4.4, 4.8, 4.7])!
    expect(low).toBeCloseTo(4.161005, 5)
    expect(high).toBeCloseTo(5.038995, 5)
  })

  it('is null for a single replication, and leaves nulls out', () => {
    expect(estimate([3])).toEqual({ mean: 3, ci95: null, n: 1 })
    expect(estimate([null, 3, null])).toEqual({ mean: 3, ci95: null, n: 1 })
    expect(estimate([null])).toEqual({ mean: null, ci95: null, n: 0 })
    expect(estimate([2, null, 2])).toEqual({ mean: 2, ci95: [2, 2], n: 2 })
  })
})

describe('ratio interval (Fieller)', () => {
  it('equals the t interval where the denominator is constant', () => {
    const x = [3, 5, 4, 6]
    const [low, high] = ratioInterval95(x, [2, 2, 2, 2])!
    const [meanLow, meanHigh] = meanInterval95(x)!
    expect(low).toBeCloseTo(meanLow / 2, 12)
    expect(high).toBeCloseTo(meanHigh / 2, 12)
  })

  it('is a point where both are proportional', () => {
    const [low, high] = ratioInterval95([1, 2, 3, 4], [10, 20, 30, 40]) ?? [0, 0]
    expect(low).toBeCloseTo(0.1, 6)
    expect(high).toBeCloseTo(0.1, 6)
  })

  it('is null where the denominator cannot be told from 0', () => {
    expect(ratioInterval95([1, 2, 3], [-1, 0, 1.5])).toBeNull()
    expect(ratioInterval95([1], [2])).toBeNull()
  })

  it('holds the true ratio in 95 % of the cases with five pairs', () => {
    const draw = seedrandom.alea('fieller')
    let held = 0
    const rounds = 4000
    for (let round = 0; round < rounds; round++) {
      const shared = Array.from({ length: 5 }, () => normal(draw))
      const x = shared.map((s) => 6 + s + normal(draw))
      const y = shared.map((s) => 10 + s)
      const interval = ratioInterval95(x, y)
      if (interval && interval[0] <= 0.6 && 0.6 <= interval[1]) held++
    }
    expect(held / rounds).toBeGreaterThan(0.94)
    expect(held / rounds).toBeLessThan(0.96)
  })
})
