import type { Clock, Timer } from '../peer/ports/clock.ts'
import type { Kernel } from './kernel.ts'
import type { SimNetwork } from './sim-network.ts'

/** One node's view of the simulated time; its timers die with the node. */
export class SimClock implements Clock {
  readonly #kernel: Kernel
  readonly #network: SimNetwork
  #isStopped = false

  constructor(network: SimNetwork) {
    this.#kernel = network.fabric.kernel
    this.#network = network
  }

  nowMs(): number {
    const { asOfMs } = this.#network.fabric.inboxes
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
    this.#network.catchUp()
    callback()
  }
}

function fire(clock: SimClock, callback: () => void): void {
  clock.fire(callback)
}
