import type { Clock } from '../../peer/ports/clock.ts'
import type { Link, Network } from '../../peer/ports/network.ts'
import { type ControlMessage, NetworkFilter } from './network-filter.ts'

/** A program that thinks for a while before each answer; answers stay in order. */
export class SlowAnswers extends NetworkFilter {
  /** How long it thinks now. */
  delayMs = 0
  readonly #clock: Clock
  #lastMs = -Infinity

  constructor(inner: Network, clock: Clock) {
    super(inner)
    this.#clock = clock
  }

  override send(link: Link, message: ControlMessage): void {
    const nowMs = this.#clock.nowMs()
    this.#lastMs = Math.max(nowMs + this.delayMs, this.#lastMs)
    if (this.#lastMs <= nowMs) super.send(link, message)
    else this.#clock.setTimer(this.#lastMs - nowMs, () => super.send(link, message))
  }
}
