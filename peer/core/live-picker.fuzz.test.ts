import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../ports/seeded-random.ts'
import { ChunkRing } from './chunk-ring.ts'
import { CHUNK_CHOICES } from './live-options.ts'
import { LivePicker } from './live-picker.ts'
import { WindowTable } from './window-table.ts'

const WINDOW = 70
const ROWS = 3

const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom('told' as const, 'kept' as const, 'started' as const, 'ended' as const),
    row: fc.nat(ROWS - 1),
    // Around the window, a little outside of it too.
    offset: fc.integer({ min: -10, max: WINDOW + 10 }),
  }),
  fc.record({ kind: fc.constant('advance' as const), by: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ kind: fc.constant('leave' as const), row: fc.nat(ROWS - 1) }),
)

/** The same with sets of numbers. */
class Model {
  readonly held = new Set<number>()
  readonly inflight = new Set<number>()
  readonly rows = Array.from({ length: ROWS }, () => new Set<number>())
  first: number

  constructor(first: number) {
    this.first = first
  }

  covers(number: number): boolean {
    return number >= this.first && number < this.first + WINDOW
  }

  useful(from: number, end: number): number[] {
    const told = new Set(this.rows.flatMap((row) => [...row]))
    return [...told]
      .filter((n) => n >= from && n < end && this.covers(n) && !this.held.has(n) && !this.inflight.has(n))
      .sort((a, b) => a - b)
  }
}

describe('ring, table and picker', () => {
  it('agree with sets of numbers, wherever in the stream', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 65_500, 2 ** 31 - 20, 2 ** 40),
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: -5, max: WINDOW }),
        fc.integer({ min: 0, max: WINDOW }),
        fc.constantFrom(...CHUNK_CHOICES),
        (start, steps, fromOffset, length, choice) => {
          const ring = new ChunkRing(WINDOW)
          const table = new WindowTable(WINDOW)
          const picker = new LivePicker(choice, new SeededRandom('pick'), ring, table)
          const model = new Model(start)
          ring.reset(start)
          table.reset(start)
          const rows = Array.from({ length: ROWS }, (_, row) => row)
          for (const row of rows) table.open(row)
          for (const s of steps) {
            if (s.kind === 'advance') {
              model.first += s.by
              ring.advance(model.first)
              table.advance(model.first)
              for (const set of [model.held, ...model.rows])
                for (const number of set) if (!model.covers(number)) set.delete(number)
              for (const number of model.inflight) if (!model.covers(number)) picker.ended(number)
              for (const number of model.inflight) if (!model.covers(number)) model.inflight.delete(number)
              continue
            }
            if (s.kind === 'leave') {
              table.clear(s.row)
              model.rows[s.row].clear()
              continue
            }
            const number = model.first + s.offset
            if (number < 0) continue
            const isCovered = model.covers(number)
            if (s.kind === 'told') {
              expect(table.add(rows[s.row], number)).toBe(isCovered && !model.rows[s.row].has(number))
              if (isCovered) model.rows[s.row].add(number)
            } else if (s.kind === 'kept') {
              expect(ring.add(number, { bytes: 1 })).toBe(isCovered && !model.held.has(number))
              if (isCovered) model.held.add(number)
            } else if (isCovered && s.kind === 'started') {
              picker.started(number)
              model.inflight.add(number)
            } else if (isCovered) {
              picker.ended(number)
              model.inflight.delete(number)
            }
          }
          expect(ring.count).toBe(model.held.size)
          rows.forEach((row, i) => {
            expect(table.share(row)).toBeCloseTo(model.rows[i].size / WINDOW, 9)
            for (let n = model.first; n < model.first + WINDOW; n++)
              expect(table.has(row, n)).toBe(model.rows[i].has(n))
          })
          const told = model.rows.flatMap((row) => [...row])
          expect(table.earliest(model.first)).toBe(told.length === 0 ? -1 : Math.min(...told))
          const from = Math.max(model.first, model.first + fromOffset)
          const end = Math.min(from + length, model.first + WINDOW)
          const useful = model.useful(from, end)
          const picked = picker.pick(rows, from, end)
          if (useful.length === 0) expect(picked).toBe(-1)
          else if (choice === 'deadline-first') expect(picked).toBe(useful[0])
          else if (choice === 'latest-useful') expect(picked).toBe(useful.at(-1))
          else expect(useful).toContain(picked)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('draws a useful chunk at random with equal chances', () => {
    const ring = new ChunkRing(WINDOW)
    const table = new WindowTable(WINDOW)
    const picker = new LivePicker('random-useful', new SeededRandom('even'), ring, table)
    const row = 0
    table.open(row)
    const numbers = [3, 31, 32, 63, 64]
    for (const number of numbers) table.add(row, number)
    const counts = new Map<number, number>()
    for (let i = 0; i < 5_000; i++) {
      const picked = picker.pick([row], 0, WINDOW)
      counts.set(picked, (counts.get(picked) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual(numbers)
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(120)
  })
})
