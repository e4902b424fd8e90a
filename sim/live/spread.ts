/** How chunks spread: who gets which after how long. Memory grows with the chunks under way and the samples kept. */
export class Spread {
  /** Chunks that left the sources, and copies that viewers got of them. */
  chunkCount = 0
  copyCount = 0
  readonly #bound: Float64Array
  readonly #holders = new Map<number, number>()
  #delaysMs = new Float64Array(4096)
  #delayCount = 0
  /** A copy that came sooner than it can have, as text. */
  impossible: string | undefined

  /** `bound` holds the earliest times at which so many viewers can hold a chunk (snowball.ts). */
  constructor(bound: Float64Array) {
    this.#bound = bound
  }

  /** A viewer got a chunk `delayMs` after its emission; `isFresh`: one that it was there for. */
  arrived(number: number, delayMs: number, isFresh: boolean): void {
    const holders = this.#holders.get(number) ?? 0
    if (holders === 0) this.chunkCount++
    this.copyCount++
    this.#holders.set(number, holders + 1)
    const leastMs = this.#bound[Math.min(holders, this.#bound.length - 1)]
    if (delayMs < leastMs * (1 - SLACK) && this.impossible === undefined)
      this.impossible = `copy ${holders + 1} of chunk ${number} after ${delayMs} ms (at least ${leastMs})`
    if (isFresh) this.#keep(delayMs)
  }

  /** Forgets a chunk that nobody gets any more. */
  forget(number: number): void {
    this.#holders.delete(number)
  }

  /** The delays of fresh chunks, in the order in which they came. */
  delaysMs(): Float64Array {
    return this.#delaysMs.slice(0, this.#delayCount)
  }

  #keep(delayMs: number): void {
    if (this.#delayCount === this.#delaysMs.length) {
      const larger = new Float64Array(2 * this.#delayCount)
      larger.set(this.#delaysMs)
      this.#delaysMs = larger
    }
    this.#delaysMs[this.#delayCount++] = delayMs
  }
}

/** Relative slack of the check: the flow solver's tolerance with room for rounding. */
const SLACK = 1e-3
