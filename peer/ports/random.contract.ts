import { describe, expect, it } from 'vitest'
import type { Random } from './random.ts'

/** What every Random does; `create` names the stream. */
export function randomContract(name: string, create: (seed: string) => Random): void {
  const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.next())

  describe(`${name} as a Random`, () => {
    it('draws evenly from [0, 1)', () => {
      const values = draws(create('even'), 10_000)
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
      const tenths = new Array<number>(10).fill(0)
      for (const value of values) tenths[Math.floor(value * 10)]++
      for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150)
    })

    it('draws whole numbers below a bound, each of them', () => {
      const random = create('whole')
      const seen = new Set(Array.from({ length: 1000 }, () => random.below(7)))
      expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(random.below(1)).toBe(0)
    })

    it('repeats itself for the same name and differs for another', () => {
      expect(draws(create('a'), 20)).toEqual(draws(create('a'), 20))
      expect(draws(create('a'), 20)).not.toEqual(draws(create('b'), 20))
    })

    it('forks streams that depend on their labels only', () => {
      const fresh = create('root')
      const used = create('root')
      draws(used, 17)
      used.fork('other')
      expect(draws(used.fork('peer', 3), 20)).toEqual(draws(fresh.fork('peer', 3), 20))
      expect(draws(fresh.fork('peer', 3), 20)).not.toEqual(draws(fresh.fork('peer', 4), 20))
      expect(draws(fresh.fork('peer'), 20)).not.toEqual(draws(create('root'), 20))
    })

    it('is not changed by forking', () => {
      const forked = create('root')
      forked.fork('a').next()
      expect(draws(forked, 20)).toEqual(draws(create('root'), 20))
    })
  })
}
