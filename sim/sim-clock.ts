import type { Clock, Timer } from '../peer/ports/clock.ts'
import type { Inbox } from './inbox.ts'
import type { Kernel } from './kernel.ts'

/** One node's view of the simulated time; its timers die with the node. */
export class SimClock implements Clock {
  readonly #kernel: Kernel
  readonly #inbox: Inbox
  #isStopped = false

  constructor(kernel: Kernel, inbox: Inbox) {
    this.#kernel = kernel
    this.#inbox = inbox
  }

  nowMs(): number {
    const { asOfMs } = this.#inbox
    return Number.isNaN(asOfMs) ? this.#kernel.nowMs : asOfMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#kernel.schedule(delayMs, fire, this, callback)
  }

  clearTimer(timer: Timer): void {
    this.#kernel.cancel(timer as number)
  }

  /** No timer fires any more. */
  stop(): void {
    this.#isStopped = true
  }

  fire(callback: () => void): void {
    if (this.#isStopped) return
    this.#inbox.catchUp()
    callback()
  }
}

function fire(clock: SimClock, callback: () => void): void {
  clock.fire(callback)
}
