import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gini, jainIndex, lorenzCurve } from './fairness.ts'

describe('fairness', () => {
  it('has the known values of even and concentrated loads', () => {
    expect(jainIndex([5, 5, 5, 5])).toBe(1)
    expect(jainIndex([0, 0, 0, 8])).toBe(0.25)
    expect(jainIndex([1, 2, 3])).toBeCloseTo(36 / 42, 12)
    expect(gini([5, 5, 5, 5])).toBe(0)
    expect(gini([0, 0, 0, 8])).toBe(0.75)
    expect(gini([1, 2, 3])).toBeCloseTo(2 / 9, 12)
  })

  it('is unknown without load', () => {
    for (const loads of [[], [0, 0]]) {
      expect(jainIndex(loads)).toBeNull()
      expect(gini(loads)).toBeNull()
      expect(lorenzCurve(loads)).toEqual([])
    }
  })

  it('draws the Lorenz curve, least loaded first', () => {
    expect(lorenzCurve([3, 1], 4)).toEqual([0, 0.125, 0.25, 0.625, 1])
    expect(lorenzCurve([2, 2, 2], 3)).toEqual([0, 1 / 3, 2 / 3, 1])
  })

  it('gives the Gini coefficient as twice the area above the Lorenz curve', () => {
    const loads = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(loads, (values) => {
        const curve = lorenzCurve(values, values.length)
        if (curve.length === 0) return
        const area = curve.slice(1).reduce((sum, y, i) => sum + (y + curve[i]) / 2 / values.length, 0)
        expect(gini(values)).toBeCloseTo(1 - 2 * area, 9)
      }),
    )
  })
})
