import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pooledQuantiles, quantiles, thinned } from './quantiles.ts'

describe('quantiles', () => {
  it('are of type 7', () => {
    // Between order statistics 1, 3, 4, 10 at ranks 3·level.
    const expected = [1, 1.6, 2.5, 3.5, 8.2, 10]
    quantiles([10, 1, 4, 3], [0, 0.1, 0.25, 0.5, 0.9, 1]).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12)
    })
    expect(quantiles([7], [0, 0.5, 1])).toEqual([7, 7, 7])
    expect(quantiles([], [0.5])).toEqual([])
  })

  it('of several samples are those of all values together', () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const levels = [0.95, 0, 0.33, 1, 0.5]
        const samples = [a, b].map((points) => ({ count: points.length, points }))
        expect(pooledQuantiles(samples, levels)).toEqual(quantiles([...a, ...b], levels))
      }),
    )
  })

  it('count a point as often as it stands for values', () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: 2, max: 5 }), (a, b, times) => {
        const levels = [1, 0, 0.1, 0.5, 0.77, 0.95]
        const repeated = a.flatMap((value) => Array.from({ length: times }, () => value))
        const samples = [
          { count: a.length * times, points: a },
          { count: b.length, points: b },
        ]
        const expected = quantiles([...repeated, ...b], levels)
        pooledQuantiles(samples, levels).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 8))
      }),
    )
  })

  it('weigh points by the number of values that they stand for', () => {
    const samples = [
      { count: 30, points: [1, 1, 1] },
      { count: 10, points: [9] },
    ]
    expect(pooledQuantiles(samples, [0.5, 0.7, 0.9])).toEqual([1, 1, 9])
  })

  it('change little by thinning', () => {
    const values = Float64Array.from({ length: 50_000 }, (_, i) => Math.exp(i / 10_000))
    const thin = thinned(values, 1000)
    expect(thin.count).toBe(50_000)
    expect(thin.points).toHaveLength(1000)
    const levels = [0, 0.05, 0.5, 0.95, 1]
    const exact = quantiles(values, levels)
    pooledQuantiles([thin], levels).forEach((value, i) => {
      expect(Math.abs(value / exact[i] - 1)).toBeLessThan(0.01)
    })
    expect(thinned([3, 1, 2]).points).toEqual(Float64Array.of(1, 2, 3))
  })
})
