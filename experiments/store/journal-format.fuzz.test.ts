import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outcome } from '../../peer/ports/outcome-store.contract.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { randomOutcomes } from '../outcomes.testing.ts'
import { headerLine, outcomeLine, readSegment } from './journal-format.ts'

const outcomes = randomOutcomes(20, new SeededRandom('journal')).map((row, n) => outcome(n, { row }))
const lines = outcomes.map(outcomeLine)
const whole = Buffer.from(headerLine() + lines.join(''))
const headerBytes = Buffer.byteLength(headerLine())

describe('a segment', () => {
  it('gives back what was written', () => {
    expect(readSegment(whole)).toEqual({ outcomes, damage: undefined })
    expect(readSegment(Buffer.from(headerLine()))).toEqual({ outcomes: [], damage: undefined })
    expect(readSegment(Buffer.alloc(0))).toEqual({ outcomes: [], damage: undefined })
  })

  it('loses no line but the one that is cut short, wherever it ends', () => {
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        const ends = lines.map((_, n) => headerBytes + Buffer.byteLength(lines.slice(0, n + 1).join('')))
        const count = ends.filter((end) => end <= length).length
        expect(readSegment(whole.subarray(0, length))).toEqual({
          outcomes: outcomes.slice(0, count),
          damage: undefined,
        })
      }),
    )
  })

  it('never gives a line that was changed, and tells of it', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(whole)
        changed[at] ^= flip
        const { outcomes: read, damage } = readSegment(changed)
        const texts = new Set(lines)
        expect(read.every((one) => texts.has(outcomeLine(one)))).toBe(true)
        const isInLast = at >= whole.length - Buffer.byteLength(lines[lines.length - 1])
        expect(read.length).toBeLessThan(outcomes.length)
        if (!isInLast) expect(damage).toContain('not intact')
      }),
    )
  })

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readSegment(Buffer.concat([whole, bytes])).outcomes).toEqual(outcomes)
        expect(readSegment(Buffer.from(bytes)).outcomes).toEqual([])
      }),
    )
  })
})

/** A line with another JSON text, and the CRC for it. */
const relined = (json: string): string => `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`

it('reads what a version with other columns and features wrote', () => {
  const [given] = outcomes
  const odd = headerLine()
    .slice(9, -1)
    .replace('"rtt_ms"', '"old_feature"')
    .replace('"chunk"', '"old_column"')
  const segment = Buffer.from(relined(odd) + outcomeLine(given))
  const [read] = readSegment(segment).outcomes
  expect(read.row.chunk).toBeNaN()
  expect(read.row.features[0]).toBeNaN()
  expect(read.row.features.slice(1, 17)).toEqual(given.row.features.slice(1, 17))
  expect(read.row.contentId).toBe(given.row.contentId)
})

it('tells of a format that it does not know', () => {
  const segment = Buffer.from(relined('{"format":"seedbed-outcomes/9"}') + lines[0])
  expect(readSegment(segment)).toEqual({
    outcomes: [],
    damage: expect.stringContaining('seedbed-outcomes/1 expected'),
  })
})
