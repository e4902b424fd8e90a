import { describe, expect, it } from 'vitest'
import { randomContract } from './random.contract.ts'
import { sample, SeededRandom, shuffle } from './seeded-random.ts'

randomContract('SeededRandom', (seed) => new SeededRandom(seed))

const ITEMS = Array.from({ length: 20 }, (_, i) => i)
const ascending = (items: readonly number[]): number[] => items.toSorted((a, b) => a - b)

describe('shuffle', () => {
  it('keeps all items, in place and in another order', () => {
    const items = ITEMS.slice()
    expect(shuffle(items, new SeededRandom('shuffle'))).toBe(items)
    expect(items).not.toEqual(ITEMS)
    expect(ascending(items)).toEqual(ITEMS)
  })
})

describe('sample', () => {
  it('draws different items evenly and leaves the list as it is', () => {
    const random = new SeededRandom('sample')
    const drawn = new Array<number>(ITEMS.length).fill(0)
    for (let i = 0; i < 2000; i++) {
      const items = sample(ITEMS, 5, random)
      expect(new Set(items).size).toBe(5)
      for (const item of items) drawn[item]++
    }
    for (const count of drawn) expect(Math.abs(count - 500)).toBeLessThan(100)
    expect(ITEMS).toEqual(ascending(ITEMS))
  })

  it('draws all where fewer are there than asked for', () => {
    expect(ascending(sample(ITEMS, 50, new SeededRandom('all')))).toEqual(ITEMS)
    expect(sample([], 3, new SeededRandom('none'))).toEqual([])
  })
})
