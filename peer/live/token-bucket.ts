/** How long a burst may be, of what the rate allows. */
const BURST_MS = 250

/** Bounds a rate of bytes; may be shared by all links of a process. */
export class TokenBucket {
  readonly rateBps: number
  #tokens: number
  #filledMs = performance.now()

  /** `rateBps` in bytes per second; Infinity for no bound. */
  constructor(rateBps: number) {
    this.rateBps = rateBps
    this.#tokens = this.#most
  }

  /** Bytes that may pass now; not above 0 while earlier ones are still being paid for. */
  get available(): number {
    if (this.rateBps === Infinity) return Infinity
    const nowMs = performance.now()
    this.#tokens = Math.min(this.#most, this.#tokens + ((nowMs - this.#filledMs) * this.rateBps) / 1000)
    this.#filledMs = nowMs
    return this.#tokens
  }

  /** Time until bytes may pass again. */
  get waitMs(): number {
    const missing = -this.available
    return missing < 0 ? 0 : Math.ceil((1000 * (missing + 1)) / this.rateBps)
  }

  /** Bytes have passed; they may be more than there were tokens for, and are paid for later. */
  take(bytes: number): void {
    if (this.rateBps !== Infinity) this.#tokens = this.available - bytes
  }

  get #most(): number {
    return (this.rateBps * BURST_MS) / 1000
  }
}

/** The bounds of a process on its two directions. */
export interface Rates {
  readonly up: TokenBucket
  readonly down: TokenBucket
}

export const ratesOf = (upBps = Infinity, downBps = Infinity): Rates => ({
  up: new TokenBucket(upBps),
  down: new TokenBucket(downBps),
})
