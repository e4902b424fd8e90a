import { describe, expect, it } from 'vitest'
import {
  kolmogorovSmirnov,
  nodeParts,
  pairsOf,
  sorted,
  triangleViolationShare,
  wasserstein,
} from './distances.mjs'
import { withFragments } from './text.mjs'

const uniform = (from: number, to: number, count = 2000) =>
  sorted(Array.from({ length: count }, (_, i) => from + ((i + 0.5) / count) * (to - from)))

describe('distances', () => {
  it('are nothing between a sample and itself, also of another size', () => {
    expect(kolmogorovSmirnov(uniform(0, 1), uniform(0, 1))).toBe(0)
    expect(wasserstein(uniform(0, 1), uniform(0, 1))).toBe(0)
    expect(kolmogorovSmirnov(uniform(0, 1), uniform(0, 1, 300))).toBeLessThan(0.005)
    expect(wasserstein(uniform(0, 1), uniform(0, 1, 300))).toBeLessThan(0.005)
  })

  it('are the overlap and the shift of two uniform distributions', () => {
    expect(kolmogorovSmirnov(uniform(0, 1), uniform(0.25, 1.25))).toBeCloseTo(0.25, 2)
    expect(wasserstein(uniform(0, 1), uniform(0.25, 1.25))).toBeCloseTo(0.25, 2)
    expect(kolmogorovSmirnov(uniform(0, 1), uniform(5, 6))).toBe(1)
    expect(wasserstein(uniform(0, 1), uniform(5, 6))).toBeCloseTo(5, 3)
  })
})

it('fills the measured parts of a page, and knows them all', () => {
  const page = 'a\n<!-- measured: x -->\nold\n<!-- end -->\nb'
  expect(withFragments(page, { x: 'new' })).toBe('a\n<!-- measured: x -->\n\nnew\n\n<!-- end -->\nb')
  expect(() => withFragments(page, { x: '', y: '' })).toThrow('the page has no part y')
  expect(() => withFragments(page, {})).toThrow('nothing measured for the part x of the page')
})

describe('matrices', () => {
  const parts = [5, 10, 40, 80, 15]
  const additive = parts.map((a, i) => parts.map((b, j) => (i === j ? 0 : a + b)))

  it('give their measured pairs once', () => {
    expect([
      ...pairsOf([
        [0, 3, 0],
        [3, 0, 1],
        [0, 1, 0],
      ]),
    ]).toEqual([1, 3])
  })

  it('have no violation where round-trip times are sums of parts, which are found again', () => {
    expect(triangleViolationShare(additive)).toBe(0)
    nodeParts(additive).forEach((part, node) => expect(part).toBeCloseTo(parts[node], 6))
  })

  it('have one pair of three that a detour would make nearer', () => {
    expect(
      triangleViolationShare([
        [0, 1, 5],
        [1, 0, 1],
        [5, 1, 0],
      ]),
    ).toBeCloseTo(1 / 3, 12)
  })
})
