import type { Clock, Timer } from '../ports/clock.ts'

/** Notices when nothing has got on for a time. */
export class Patience {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #onEnd: () => void
  #progressMs = 0
  #timer: Timer | undefined

  /** `onEnd` is called once, when `limitMs` have passed without progress; 0 for never. */
  constructor(clock: Clock, limitMs: number, onEnd: () => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#onEnd = onEnd
  }

  start(): void {
    this.progress()
    if (this.#limitMs > 0) this.#wait(this.#limitMs)
  }

  progress(): void {
    this.#progressMs = this.#clock.nowMs()
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  #wait(ms: number): void {
    this.#timer = this.#clock.setTimer(ms, () => {
      this.#timer = undefined
      const leftMs = this.#progressMs + this.#limitMs - this.#clock.nowMs()
      if (leftMs >= 1) this.#wait(leftMs)
      else this.#onEnd()
    })
  }
}
