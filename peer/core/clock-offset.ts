/** One question to another clock and its answer. */
interface ClockSample {
  readonly rttMs: number
  readonly offsetMs: number
  readonly askedMs: number
}

/** How fast two honest clocks may drift apart: PHI of RFC 5905, 15 ppm each. */
const DISPERSION_PER_MS = 15e-6

/**
 * Estimates how far another clock is ahead of this one from questions and answers. An answer's offset is off by at most half of
 * its round trip (Cristian 1989), exactly by half the difference of the two ways' delays; so of the last answers the one counts
 * whose half round trip and age promise the least error, as in the clock filter of NTP (RFC 5905, section 10).
 */
export class ClockOffset {
  readonly #window: number
  readonly #samples: ClockSample[] = []
  #best: ClockSample | undefined

  /** Keeps the last `window` answers. */
  constructor(window: number) {
    this.#window = window
  }

  /** How far the other clock is ahead, milliseconds; NaN before the first answer. */
  get offsetMs(): number {
    return this.#best ? this.#best.offsetMs : NaN
  }

  /** Round trip of the answer that counts, milliseconds; NaN before the first one. */
  get rttMs(): number {
    return this.#best ? this.#best.rttMs : NaN
  }

  /** Bound of the error at a time of this clock, milliseconds; NaN before the first answer. */
  errorMs(nowMs: number): number {
    return this.#best ? boundMs(this.#best, nowMs) : NaN
  }

  /** Takes an answer: both times of this clock, and the other clock's time as answered. */
  add(askedMs: number, answerMs: number, heardMs: number): void {
    const rttMs = heardMs - askedMs
    if (!(rttMs >= 0)) return
    this.#samples.push({ rttMs, offsetMs: answerMs - (askedMs + heardMs) / 2, askedMs })
    if (this.#samples.length > this.#window) this.#samples.shift()
    this.#best = undefined
    for (const sample of this.#samples)
      if (!this.#best || boundMs(sample, heardMs) < boundMs(this.#best, heardMs)) this.#best = sample
  }

  /** Forgets the answers, which may have come from another clock, but not what they said until there is a new one. */
  renew(): void {
    this.#samples.length = 0
  }
}

const boundMs = ({ rttMs, askedMs }: ClockSample, nowMs: number): number =>
  rttMs / 2 + 2 * DISPERSION_PER_MS * (nowMs - askedMs)
