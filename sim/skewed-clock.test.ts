import { describe, expect, it } from 'vitest'
import { clockContract } from '../peer/ports/clock.contract.ts'
import { createTestFabric } from './fabric.testing.ts'
import { SimClock } from './sim-clock.ts'
import { type ClockSkew, SkewedClock } from './skewed-clock.ts'

function createWorld(skew: ClockSkew) {
  const fabric = createTestFabric()
  const { kernel } = fabric
  return {
    kernel,
    clock: new SkewedClock(new SimClock(fabric.add('node')), skew),
    advance: (ms: number) => {
      kernel.run(kernel.nowMs + ms)
    },
  }
}

clockContract('a SkewedClock behind and fast', () => createWorld({ offsetMs: -5000, driftPpm: 200 }))

describe('SkewedClock', () => {
  it('starts off by its offset and moves away by its drift', () => {
    const { clock, advance } = createWorld({ offsetMs: 700, driftPpm: -100 })
    expect(clock.nowMs()).toBe(700)
    advance(100_000)
    expect(clock.nowMs()).toBeCloseTo(100_700 - 10, 6)
  })

  it('times by itself', () => {
    const { clock, kernel, advance } = createWorld({ offsetMs: 0, driftPpm: 250_000 })
    let firedMs = NaN
    clock.setTimer(1000, () => (firedMs = kernel.nowMs))
    advance(2000)
    expect(firedMs).toBeCloseTo(800, 5)
  })

  it('shows at least the time that a timer was set for when it fires', () => {
    const { clock, advance } = createWorld({ offsetMs: 123_456.789, driftPpm: 37 })
    const early: number[] = []
    for (let i = 1; i <= 1000; i++) {
      const dueMs = clock.nowMs() + i / 7
      clock.setTimer(i / 7, () => clock.nowMs() < dueMs && early.push(dueMs))
      if (i % 100 === 0) advance(3.3)
    }
    advance(1000)
    expect(early).toEqual([])
  })

  it('gets to any time that it is asked for, although it counts finer than the clock behind it', () => {
    const { clock, kernel, advance } = createWorld({ offsetMs: -999_990, driftPpm: 0 })
    advance(1e6)
    let asked = 0
    const wakeAt = (atMs: number): void => {
      if (++asked > 10_000) throw new Error(`asked again and again at ${clock.nowMs()} for ${atMs}`)
      clock.setTimer(atMs - clock.nowMs(), () => {
        if (clock.nowMs() < atMs) wakeAt(atMs)
      })
    }
    for (let i = 1; i <= 1000; i++) wakeAt(clock.nowMs() + i * 0.0123)
    advance(1000)
    expect(kernel.pending).toBe(0)
    expect(asked).toBeLessThanOrEqual(2000)
  })

  it('goes on from where it stands when its speed changes or it jumps', () => {
    const { clock, advance } = createWorld({ offsetMs: 0, driftPpm: 0 })
    advance(1000)
    clock.setDrift(500_000)
    expect(clock.nowMs()).toBe(1000)
    advance(1000)
    expect(clock.nowMs()).toBe(2500)
    clock.jump(10)
    expect(clock.nowMs()).toBe(2510)
    advance(10)
    expect(clock.nowMs()).toBe(2525)
  })

  it('refuses to go back, to stand still or to be nowhere', () => {
    const { clock } = createWorld({ offsetMs: 0, driftPpm: 0 })
    expect(() => clock.jump(-1)).toThrow(/invalid clock jump: -1 \(allowed 0 or more/)
    expect(() => clock.setDrift(-1e6)).toThrow(/invalid clock driftPpm: -1000000/)
    expect(() => createWorld({ offsetMs: NaN, driftPpm: 0 })).toThrow(/invalid clock offsetMs/)
  })
})
