import type { Clock, Timer } from '../ports/clock.ts'
import type { ChunkDemand } from './chunk-demand.ts'
import type { ChunkPicker } from './chunk-picker.ts'
import type { Fetch } from './fetch.ts'

/** What nothing announces is looked for this often. */
const LOOK_AGAIN_MS = 1_000
/** A wait that rounding makes too short to move the clock would be followed by the same wait again. */
const LEAST_WAIT_MS = 0.001

/** When the origin may be asked, or a fetch has become slow enough to be doubled. */
export function endgameWakeMs(
  originMs: number,
  doubleAfterMs: number,
  fetches: readonly Fetch[],
  nowMs: number,
): number {
  let atMs = originMs
  for (const { decidedMs } of fetches)
    if (decidedMs + doubleAfterMs > nowMs) atMs = Math.min(atMs, decidedMs + doubleAfterMs)
  return atMs <= nowMs ? nowMs + LOOK_AGAIN_MS : atMs
}

/** While something is wanted that nobody is asked for, an origin that is away may be back: Infinity where nothing is. */
export function demandWakeMs({ window, urgent }: ChunkDemand, picker: ChunkPicker, nowMs: number): number {
  const isWanting = picker.pickFirst(window) >= 0 || picker.pickFirst(urgent) >= 0
  return isWanting ? nowMs + LOOK_AGAIN_MS : Infinity
}

/** One timer that several causes may want, set for the earliest of them. */
export class WakeTimer {
  readonly #clock: Clock
  readonly #wake: () => void
  #timer: Timer | undefined
  #atMs = Infinity

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /** Wakes at `atMs` or, where an earlier time is still to come, then; never for Infinity. */
  plan(atMs: number, nowMs: number): void {
    if (this.#timer !== undefined) {
      if (this.#atMs <= atMs && this.#atMs > nowMs) return
      this.#clock.clearTimer(this.#timer)
      this.#timer = undefined
    }
    if (atMs === Infinity) return
    this.#atMs = atMs
    this.#timer = this.#clock.setTimer(Math.max(atMs - nowMs, LEAST_WAIT_MS), () => {
      this.#timer = undefined
      this.#wake()
    })
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }
}
