import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fullNumber, serialDistance, serialOf, SERIALS } from './serial.ts'

const HALF = SERIALS / 2
const number = fc.integer({ min: 0, max: 2 ** 50 })
const serial = fc.nat(SERIALS - 1)

describe('serial numbers', () => {
  it('give back every full number that is less than half the circle away', () => {
    fc.assert(
      fc.property(number, fc.integer({ min: -HALF, max: HALF - 1 }), (near, apart) => {
        fc.pre(near + apart >= 0)
        expect(fullNumber(serialOf(near + apart), near)).toBe(near + apart)
      }),
    )
  })

  it('are near each other across the wrap', () => {
    expect(serialDistance(65_535, 0)).toBe(1)
    expect(serialDistance(0, 65_535)).toBe(-1)
    expect(fullNumber(3, 65_530)).toBe(65_539)
    expect(fullNumber(65_530, 65_539)).toBe(65_530)
  })

  it('compare as RFC 1982 says: adding less than half the circle makes a number greater', () => {
    fc.assert(
      fc.property(serial, fc.integer({ min: 1, max: HALF - 1 }), (from, added) => {
        const to = (from + added) % SERIALS
        expect(serialDistance(from, to)).toBe(added)
        expect(serialDistance(to, from)).toBe(-added)
      }),
    )
  })

  it('tell a number from one half a circle away as behind, and never leave the circle', () => {
    fc.assert(
      fc.property(serial, serial, (from, to) => {
        const distance = serialDistance(from, to)
        expect(distance).toBeGreaterThanOrEqual(-HALF)
        expect(distance).toBeLessThan(HALF)
        expect((from + distance + SERIALS) % SERIALS).toBe(to)
      }),
    )
  })
})
