import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { Sampler } from './sampler.ts'

describe('Sampler', () => {
  it('draws as many distinct numbers as asked for, or all', () => {
    const sampler = new Sampler()
    fc.assert(
      fc.property(fc.nat(600), fc.nat(600), fc.string(), (bound, count, seed) => {
        const out = new Uint32Array(600)
        const drawn = out.slice(0, sampler.draw(bound, count, new SeededRandom(seed), out))
        expect(drawn).toHaveLength(Math.min(bound, count))
        expect(new Set(drawn).size).toBe(drawn.length)
        expect(drawn.every((number) => number >= 0 && number < bound)).toBe(true)
      }),
    )
  })

  it.each([10, 70])('draws each number as often as any other, %s of 100', (count) => {
    const sampler = new Sampler()
    const random = new SeededRandom('sampler')
    const times = new Uint32Array(100)
    const draws = 4000
    const out = new Uint32Array(count)
    for (let i = 0; i < draws; i++) {
      sampler.draw(100, count, random, out)
      for (const number of out) times[number]++
    }
    const share = count / 100
    // Five standard deviations of a binomial count.
    const most = 5 * Math.sqrt(draws * share * (1 - share))
    for (const drawn of times) expect(Math.abs(drawn - draws * share)).toBeLessThan(most)
  })
})
