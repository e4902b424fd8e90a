import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { parseRange } from './byte-range.ts'

const header = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('b', 'y', 't', 'e', 's', '=', '-', ',', ' ', '0', '1', '9') }),
  fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => `bytes=${from}-${to}`),
  fc.nat().map((bytes) => `bytes=-${bytes}`),
)

it('names bytes that are there, whatever the header', async () => {
  await fuzz(
    fc.property(header, fc.nat(), (text, totalBytes) => {
      const range = parseRange(text, totalBytes)
      if (typeof range === 'string') return void expect(['whole', 'unsatisfiable']).toContain(range)
      expect(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end)).toBe(true)
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.end).toBeGreaterThan(range.start)
      expect(range.end).toBeLessThanOrEqual(totalBytes)
    }),
    1000,
  )
})
