import type { Clock, Timer } from '../peer/ports/clock.ts'
import type { Inboxes } from './inboxes.ts'
import type { Kernel } from './kernel.ts'
import type { SimNetwork } from './sim-network.ts'
import { labelOf, type Tracer } from './trace.ts'

/** One node's view of the simulated time; its timers die with the node. */
export class SimClock implements Clock {
  readonly #kernel: Kernel
  readonly #network: SimNetwork
  readonly #inboxes: Inboxes
  #isStopped = false

  constructor(network: SimNetwork) {
    this.#kernel = network.fabric.kernel
    this.#network = network
    this.#inboxes = network.fabric.inboxes
  }

  nowMs(): number {
    const { asOfMs } = this.#inboxes
    return Number.isNaN(asOfMs) ? this.#kernel.nowMs : asOfMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const { tracer } = this.#network.fabric
    const toCall = tracer ? this.#traced(tracer, callback, delayMs) : callback
    return this.#kernel.schedule(delayMs, fire, this, toCall)
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

  #traced(tracer: Tracer, callback: () => void, delayMs: number): () => void {
    return () => {
      tracer.tell(labelOf(this.#network.host.address), 'timer', { calls: calledBy(callback), delayMs })
      callback()
    }
  }
}

/** The first method that a callback calls: what the timer is for. */
const calledBy = (callback: () => void): string | null =>
  callback.name || (/this\.#?(\w+(?:\.\w+)*)\(/.exec(callback.toString())?.[1] ?? null)

function fire(clock: SimClock, callback: () => void): void {
  clock.fire(callback)
}
