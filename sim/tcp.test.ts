import { describe, expect, it } from 'vitest'
import {
  INITIAL_WINDOW_BYTES,
  SEGMENT_BYTES,
  connectionRateBps,
  grownWindowBytes,
  slowStartDelayMs,
} from './tcp.ts'

/** Sends window by window, as a sender in slow start does; the reference for the closed form. */
function simulatedDelayMs(bytes: number, windowBytes: number, rttMs: number, rateBps: number): number {
  let nowMs = 0
  let left = bytes
  for (let window = windowBytes; left > 0; window *= 2) {
    const sent = Math.min(window, left)
    const firstAckMs = nowMs + (1000 * SEGMENT_BYTES) / rateBps + rttMs
    nowMs += (1000 * sent) / rateBps
    left -= sent
    if (left > 0) nowMs = Math.max(nowMs, firstAckMs)
  }
  return nowMs - (1000 * bytes) / rateBps
}

describe('slowStartDelayMs', () => {
  it('agrees with sending window by window', () => {
    for (const bytes of [1000, 14_600, 14_601, 100_000, 1_000_000, 16_000_000])
      for (const rttMs of [2, 40, 300])
        for (const rateBps of [5e4, 1e6, 2e7])
          for (const window of [INITIAL_WINDOW_BYTES, 200_000])
            expect(slowStartDelayMs(bytes, window, rttMs, rateBps)).toBeCloseTo(
              simulatedDelayMs(bytes, window, rttMs, rateBps),
              6,
            )
  })

  it('is a round trip for each window but the last where the path is fast', () => {
    for (const rttMs of [10, 150])
      for (const bytes of [14_600, 20_000, 100_000, 1_000_000, 10_000_000]) {
        // Windows of 1, 2, 4, … times the first: k of them carry 2^k - 1 times as much.
        const windows = Math.ceil(Math.log2(bytes / INITIAL_WINDOW_BYTES + 1))
        expect(slowStartDelayMs(bytes, INITIAL_WINDOW_BYTES, rttMs, 1e15)).toBeCloseTo(
          (windows - 1) * rttMs,
          3,
        )
      }
  })

  it('is nothing where one window is enough, or fills the path', () => {
    expect(slowStartDelayMs(14_600, INITIAL_WINDOW_BYTES, 100, 1e6)).toBe(0)
    expect(slowStartDelayMs(1e6, INITIAL_WINDOW_BYTES, 10, 1e5)).toBe(0)
  })
})

describe('grownWindowBytes', () => {
  it('grows by what was sent, up to what the path holds, and never shrinks', () => {
    expect(grownWindowBytes(14_600, 10_000, 100, 1e6)).toBe(24_600)
    expect(grownWindowBytes(14_600, 1e6, 100, 1e6)).toBe(101_460)
    expect(grownWindowBytes(200_000, 1e6, 100, 1e6)).toBe(200_000)
  })
})

describe('connectionRateBps', () => {
  it('is the window over the round-trip time without loss, and Mathis’ rate with much', () => {
    expect(connectionRateBps(100, 0, 1e6)).toBe(1e7)
    expect(connectionRateBps(100, 0.01, 1e6)).toBeCloseTo(14_600 * Math.sqrt(150), 6)
    expect(connectionRateBps(100, 1e-9, 1e6)).toBe(1e7)
  })
})
