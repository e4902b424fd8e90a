import { describe, expect, it } from 'vitest'
import { studentTCdf, studentTQuantile, t95 } from './student-t.ts'

describe('Student t', () => {
  // The usual table of the 97.5 % quantile, with more digits.
  it.each([
    [1, 12.70620473617],
    [2, 4.30265272974],
    [3, 3.18244630528],
    [4, 2.77644510519],
    [5, 2.57058183563],
    [9, 2.26215716279],
    [10, 2.22813885198],
    [29, 2.04522964213],
    [30, 2.0422724563],
    [100, 1.98397151852],
    [1000, 1.96233908082],
  ])('has the table value of the 97.5 % quantile for %i degrees of freedom', (degrees, expected) => {
    expect(t95(degrees)).toBeCloseTo(expected, 9)
  })

  it('agrees with closed forms for 1 and 2 degrees of freedom', () => {
    for (const p of [0.001, 0.05, 0.3, 0.5, 0.9, 0.999]) {
      expect(studentTQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 8)
      expect(studentTQuantile(p, 2)).toBeCloseTo((2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 8)
    }
  })

  it('approaches the normal distribution', () => {
    expect(studentTQuantile(0.975, 1e7)).toBeCloseTo(1.959964, 5)
  })

  it('inverts its distribution function', () => {
    for (const degrees of [1, 2.5, 7, 40, 400]) {
      for (const t of [-8, -1.3, -0.01, 0, 0.4, 2, 5]) {
        expect(studentTQuantile(studentTCdf(t, degrees), degrees)).toBeCloseTo(t, 7)
      }
    }
  })

  it('refuses impossible arguments', () => {
    expect(() => studentTQuantile(1, 5)).toThrow('invalid probability: 1')
    expect(() => studentTQuantile(0.9, 0)).toThrow('invalid degrees of freedom: 0')
  })
})
