/** A timer that has been set; opaque to its owner. */
export type Timer = number | object

/** Time and timers. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  nowMs(): number
  /** Calls back once, `delayMs` from now (0 or more), never before `setTimer` has returned. */
  setTimer(delayMs: number, callback: () => void): Timer
  /** Forgets a timer; harmless if it has fired. */
  clearTimer(timer: Timer): void
}
