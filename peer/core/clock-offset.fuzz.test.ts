import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClockOffset } from './clock-offset.ts'

const delayMs = fc.double({ min: 0, max: 2000, noNaN: true })
const exchange = fc.record({ thereMs: delayMs, backMs: delayMs, pauseMs: delayMs })
const exchanges = fc.array(exchange, { minLength: 1, maxLength: 30 })
type Exchange = { thereMs: number; backMs: number; pauseMs: number }

/** Asks a clock that is ahead by `aheadMs` and does not drift. */
function ask(offset: ClockOffset, aheadMs: number, all: readonly Exchange[]): number {
  let nowMs = 0
  for (const { thereMs, backMs, pauseMs } of all) {
    nowMs += pauseMs
    offset.add(nowMs, nowMs + thereMs + aheadMs, nowMs + thereMs + backMs)
    nowMs += thereMs + backMs
  }
  return nowMs
}

describe('ClockOffset', () => {
  it('is off by half the difference of the two ways, and by no more than it says', () => {
    fc.assert(
      fc.property(
        exchanges,
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 10 }),
        (all, aheadMs, window) => {
          const offset = new ClockOffset(window)
          const nowMs = ask(offset, aheadMs, all)
          const errorMs = Math.abs(offset.offsetMs - aheadMs)
          const asymmetries = all.slice(-window).map(({ thereMs, backMs }) => Math.abs(thereMs - backMs) / 2)
          expect(Math.min(...asymmetries.map((half) => Math.abs(half - errorMs)))).toBeLessThan(1e-6)
          expect(errorMs).toBeLessThanOrEqual(offset.errorMs(nowMs) + 1e-6)
        },
      ),
    )
  })

  it('is off by no more than half the shortest round trip, but for what age adds', () => {
    fc.assert(
      fc.property(exchanges, (all) => {
        const offset = new ClockOffset(8)
        const nowMs = ask(offset, 0, all)
        const shortestMs = Math.min(...all.slice(-8).map(({ thereMs, backMs }) => thereMs + backMs))
        expect(Math.abs(offset.offsetMs)).toBeLessThanOrEqual(shortestMs / 2 + 30e-6 * nowMs + 1e-6)
      }),
    )
  })

  it('stays within its bound while both clocks drift by 15 ppm against each other', () => {
    fc.assert(
      fc.property(exchanges, fc.constantFrom(-15e-6, 15e-6), (all, drift) => {
        const offset = new ClockOffset(8)
        let nowMs = 0
        const other = (ms: number): number => 5000 + ms * (1 + drift)
        for (const { thereMs, backMs, pauseMs } of all) {
          nowMs += pauseMs
          offset.add(nowMs, other(nowMs + thereMs), nowMs + thereMs + backMs)
          nowMs += thereMs + backMs
        }
        const errorMs = Math.abs(nowMs + offset.offsetMs - other(nowMs))
        expect(errorMs).toBeLessThanOrEqual(offset.errorMs(nowMs) + 1e-6)
      }),
    )
  })

  it('knows nothing at first, and takes no answer from the future', () => {
    const offset = new ClockOffset(4)
    expect([offset.offsetMs, offset.rttMs, offset.errorMs(0)]).toEqual([NaN, NaN, NaN])
    offset.add(10, 500, 5)
    expect(offset.offsetMs).toBeNaN()
  })

  it('holds on to what it knows until a new clock has answered', () => {
    const offset = new ClockOffset(4)
    offset.add(0, 1000, 2)
    offset.renew()
    expect(offset.offsetMs).toBe(999)
    offset.add(100, 5000, 300)
    expect([offset.offsetMs, offset.rttMs]).toEqual([4800, 200])
  })
})
