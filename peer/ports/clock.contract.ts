import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'

export interface ClockWorld {
  readonly clock: Clock
  /** Lets at least `ms` milliseconds pass and all timers due by then fire. */
  advance(ms: number): void | Promise<void>
}

/** What every Clock does. */
export function clockContract(name: string, createWorld: () => ClockWorld): void {
  describe(`${name} as a Clock`, () => {
    it('never goes back', async () => {
      const { clock, advance } = createWorld()
      const before = clock.nowMs()
      await advance(5)
      expect(clock.nowMs()).toBeGreaterThanOrEqual(before)
    })

    it('calls back once, after the delay and never inside setTimer', async () => {
      const { clock, advance } = createWorld()
      const setMs = clock.nowMs()
      const firedMs: number[] = []
      clock.setTimer(10, () => firedMs.push(clock.nowMs()))
      clock.setTimer(0, () => firedMs.push(clock.nowMs()))
      expect(firedMs).toEqual([])
      await advance(30)
      expect(firedMs).toHaveLength(2)
      // System timers round to milliseconds.
      expect(firedMs[1] - setMs).toBeGreaterThanOrEqual(9)
    })

    it('fires timers in the order of their delays', async () => {
      const { clock, advance } = createWorld()
      const fired: string[] = []
      clock.setTimer(20, () => fired.push('late'))
      clock.setTimer(2, () => fired.push('early'))
      await advance(40)
      expect(fired).toEqual(['early', 'late'])
    })

    it('forgets a cleared timer, and takes the clearing of a fired one without harm', async () => {
      const { clock, advance } = createWorld()
      const fired: string[] = []
      const cleared = clock.setTimer(5, () => fired.push('cleared'))
      const kept = clock.setTimer(5, () => fired.push('kept'))
      clock.clearTimer(cleared)
      await advance(20)
      clock.clearTimer(kept)
      clock.clearTimer(cleared)
      clock.setTimer(1, () => fired.push('next'))
      clock.clearTimer(kept)
      await advance(10)
      expect(fired).toEqual(['kept', 'next'])
    })

    it('lets a callback set the next timer', async () => {
      const { clock, advance } = createWorld()
      let fired = 0
      const again = () => {
        if (++fired < 3) clock.setTimer(1, again)
      }
      clock.setTimer(1, again)
      await advance(40)
      expect(fired).toBe(3)
    })
  })
}
