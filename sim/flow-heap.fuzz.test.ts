import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlowHeap } from './flow-heap.ts'

const ITEMS = 150
const key = fc.oneof(
  fc.constant(Infinity),
  fc.integer({ min: 0, max: 20 }),
  fc.double({ min: 0, max: 20, noNaN: true }),
)

describe('FlowHeap against a sorted list', () => {
  it('keeps the smallest key on top, the smaller item first among equals', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(ITEMS - 1), key), { maxLength: 400, size: 'max' }), (changes) => {
        const heap = new FlowHeap()
        heap.reserve(ITEMS)
        const model = new Map<number, number>()
        for (const [item, value] of changes) {
          heap.set(item, value)
          if (value === Infinity) model.delete(item)
          else model.set(item, value)
          expect(heap.size).toBe(model.size)
          expect(heap.topKey).toBe(Math.min(Infinity, ...model.values()))
        }
        const sorted = [...model].sort(([one, first], [other, second]) => first - second || one - other)
        for (const [item, value] of sorted) {
          expect([heap.top, heap.topKey]).toEqual([item, value])
          heap.set(item, Infinity)
        }
        expect(heap.topKey).toBe(Infinity)
      }),
      { numRuns: 200 },
    )
  })
})
