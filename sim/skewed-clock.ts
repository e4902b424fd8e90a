import type { Clock, Timer } from '../peer/ports/clock.ts'
import { SimConfigError } from './errors.ts'

/** How a node's clock differs from the simulated time when the node comes to life. */
export interface ClockSkew {
  /** How far it is ahead, milliseconds; below 0 for behind. */
  readonly offsetMs: number
  /** How much faster it runs, parts per million; below 0 for slower. */
  readonly driftPpm: number
}

const MILLION = 1e6
/** Added to delays: otherwise rounding would have timers fire a trace before this clock shows their time. */
const ROUNDING_MS = 1e-6

/** A clock that is ahead or behind of another one, and faster or slower. Its timers are as wrong as it is. */
export class SkewedClock implements Clock {
  readonly #clock: Clock
  /** Both clocks' time when this one was last set. */
  #setMs: number
  #shownMs: number
  #rate: number

  /** Throws SimConfigError. */
  constructor(clock: Clock, { offsetMs, driftPpm }: ClockSkew) {
    if (!Number.isFinite(offsetMs))
      throw new SimConfigError('clock offsetMs', offsetMs, 'a finite number of milliseconds')
    this.#clock = clock
    this.#setMs = clock.nowMs()
    this.#shownMs = this.#setMs + offsetMs
    this.#rate = rateOf(driftPpm)
  }

  nowMs(): number {
    return this.#shownMs + (this.#clock.nowMs() - this.#setMs) * this.#rate
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#clock.setTimer(delayMs === 0 ? 0 : delayMs / this.#rate + ROUNDING_MS, callback)
  }

  clearTimer(timer: Timer): void {
    this.#clock.clearTimer(timer)
  }

  /** Runs at another speed from now on; timers that are set keep their time. Throws SimConfigError. */
  setDrift(driftPpm: number): void {
    this.#rebase(0)
    this.#rate = rateOf(driftPpm)
  }

  /** Jumps ahead; a clock never goes back. Timers that are set keep their time. Throws SimConfigError. */
  jump(aheadMs: number): void {
    if (!(aheadMs >= 0 && aheadMs < Infinity))
      throw new SimConfigError('clock jump', aheadMs, '0 or more milliseconds, finite')
    this.#rebase(aheadMs)
  }

  #rebase(aheadMs: number): void {
    this.#shownMs = this.nowMs() + aheadMs
    this.#setMs = this.#clock.nowMs()
  }
}

function rateOf(driftPpm: number): number {
  if (!(Math.abs(driftPpm) <= MILLION / 2))
    throw new SimConfigError('clock driftPpm', driftPpm, `${-MILLION / 2} to ${MILLION / 2}`)
  return 1 + driftPpm / MILLION
}
