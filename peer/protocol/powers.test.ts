import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SeededRandom } from '../ports/seeded-random.ts'
import { power } from './powers.ts'

it('gives these results to the last bit, whatever engine runs it', () => {
  const random = new SeededRandom('powers')
  const results = new Float64Array(200_000)
  for (let i = 0; i < results.length; i++) {
    const base = i % 2 === 0 ? 100 * random.next() : Math.exp(1400 * random.next() - 700)
    results[i] = power(base, 8 * random.next() - 4)
  }
  // Of Math.pow in Node 20 and 22.
  expect(createHash('sha256').update(results).digest('hex')).toBe(
    'f66b076b9166a0db2dd157e2bb06e5d81a1f71fb8f8a7073bb9388bbe0caa4af',
  )
})

it.each([
  [0, 0.3, 0],
  [0, -0.3, Infinity],
  [0, 0, 1],
  [1, 1e300, 1],
  [7.5, 0, 1],
  [7.5, 1, 7.5],
  [7.5, 2, 56.25],
  [4, -0.5, 0.5],
  [2, 0.5, Math.SQRT2],
  [2, 1023, 2 ** 1023],
  [2, 1024, Infinity],
  [2, -1074, Number.MIN_VALUE],
  [2, -1076, 0],
  [Number.MIN_VALUE, 1 / 1074, 0.5],
  [2, 1e300, Infinity],
  [0.5, 1e300, 0],
  [-2, 3, NaN],
  [NaN, 2, NaN],
  [2, Infinity, NaN],
  [Infinity, 2, NaN],
])('%d to the power of %d is %d', (base, exponent, expected) => {
  expect(power(base, exponent)).toBe(expected)
})

it('agrees with the engine to the last digits', () => {
  const bases = fc.double({ min: 1e-300, max: 1e300, noNaN: true })
  fc.assert(
    fc.property(bases, fc.double({ min: -300, max: 300, noNaN: true }), (base, exponent) => {
      const expected = base ** exponent
      if (expected > 1e-307 && expected < Infinity)
        expect(Math.abs(power(base, exponent) / expected - 1)).toBeLessThan(5e-16)
    }),
  )
})
