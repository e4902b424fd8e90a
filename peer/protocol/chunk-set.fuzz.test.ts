import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkSet } from './chunk-set.ts'

const SIZE = 100
const chunks = fc.array(fc.nat(SIZE - 1))
const setOf = (list: Iterable<number>, size = SIZE): ChunkSet => {
  const set = new ChunkSet(size)
  for (const chunk of list) set.add(chunk)
  return set
}
const listOf = (set: ChunkSet): number[] => {
  const list: number[] = []
  set.forEach((chunk) => list.push(chunk))
  return list
}
const ascending = (list: Iterable<number>): number[] => [...new Set(list)].sort((a, b) => a - b)

describe('ChunkSet', () => {
  it('does what a set of numbers does', () => {
    const step = fc.record({ isAdd: fc.boolean(), chunk: fc.nat(SIZE - 1) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const set = new ChunkSet(SIZE)
        const model = new Set<number>()
        for (const { isAdd, chunk } of steps) {
          expect(isAdd ? set.add(chunk) : set.delete(chunk)).toBe(
            isAdd ? !model.has(chunk) : model.has(chunk),
          )
          if (isAdd) model.add(chunk)
          else model.delete(chunk)
          expect(set.has(chunk)).toBe(model.has(chunk))
        }
        expect(set.count).toBe(model.size)
        expect(listOf(set)).toEqual(ascending(model))
      }),
    )
  })

  it('tells whether another set holds more', () => {
    fc.assert(
      fc.property(chunks, chunks, (a, b) => {
        expect(setOf(b).lacksSomeOf(setOf(a))).toBe(a.some((chunk) => !b.includes(chunk)))
      }),
    )
  })

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat()), (size, list) => {
        const set = setOf(
          list.map((chunk) => chunk % size),
          size,
        )
        const back = ChunkSet.fromBytes(set.toBytes(), size)
        expect(back && listOf(back)).toEqual(listOf(set))
        expect(back?.count).toBe(set.count)
      }),
    )
  })

  it('takes bytes of the wrong length or with spare bits for no set', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.uint8Array({ maxLength: 26 }), (size, bytes) => {
        const set = ChunkSet.fromBytes(bytes, size)
        const spare = bytes.length * 8 - size
        const isValid = spare >= 0 && spare < 8 && (bytes.at(-1)! & ((1 << spare) - 1)) === 0
        expect(set !== undefined).toBe(isValid)
        if (set) expect(set.toBytes()).toEqual(bytes)
      }),
    )
  })

  it('is full when it holds all, and its clone goes its own way', () => {
    for (const size of [1, 31, 32, 33, 64, 100]) {
      const full = ChunkSet.full(size)
      expect([full.count, full.isFull]).toEqual([size, true])
      const clone = full.clone()
      clone.delete(size - 1)
      expect([full.isFull, clone.isFull, clone.count]).toEqual([true, false, size - 1])
    }
  })
})
