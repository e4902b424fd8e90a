import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkSet } from '../protocol/chunk-set.ts'
import { ChunkTable } from './chunk-table.ts'

const SIZE = 70

describe('ChunkTable', () => {
  it('keeps rows apart as separate sets would be, whatever comes and goes', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('join' as const) }),
      fc.record({ kind: fc.constant('leave' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant('add' as const), pick: fc.nat(), chunk: fc.nat(SIZE - 1) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.array(fc.nat(SIZE - 1)), (steps, own) => {
        const table = new ChunkTable(SIZE)
        const rows = new Map<number, ChunkSet>()
        for (const s of steps) {
          if (s.kind === 'join') {
            const free = firstFree(rows)
            table.open(free)
            rows.set(free, new ChunkSet(SIZE))
          }
          const row = s.kind === 'join' ? undefined : [...rows.keys()][s.pick % rows.size]
          if (row === undefined) continue
          if (s.kind === 'leave') {
            const counts = new Uint16Array(SIZE).fill(1)
            table.clear(row, counts)
            for (let chunk = 0; chunk < SIZE; chunk++)
              expect(counts[chunk]).toBe(rows.get(row)!.has(chunk) ? 0 : 1)
            rows.delete(row)
          } else if (s.kind === 'add') expect(table.add(row, s.chunk)).toBe(rows.get(row)!.add(s.chunk))
        }
        const have = new ChunkSet(SIZE)
        for (const chunk of own) have.add(chunk)
        const union = new Int32Array(have.words.length)
        for (const [row, set] of rows) {
          for (let chunk = 0; chunk < SIZE; chunk++) expect(table.has(row, chunk)).toBe(set.has(chunk))
          expect([table.count(row), table.isFull(row)]).toEqual([set.count, set.isFull])
          expect(table.exceeds(row, have)).toBe(have.lacksSomeOf(set))
          table.addTo(union, row)
        }
        const words = [...rows.values()].map((set) => set.words)
        expect(Array.from(union)).toEqual(
          Array.from(union, (_, i) => words.reduce((bits, w) => bits | w[i], 0)),
        )
      }),
    )
  })
})

function firstFree(rows: ReadonlyMap<number, unknown>): number {
  let row = 0
  while (rows.has(row)) row++
  return row
}
