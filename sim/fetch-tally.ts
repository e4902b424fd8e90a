import { FETCH_RESULTS, type FetchResult } from '../peer/protocol/messages.ts'

/** Counts all fetches of a run by how they ended, and keeps the durations of those that went well. */
export class FetchTally {
  readonly results = Object.fromEntries(FETCH_RESULTS.map((result) => [result, 0])) as Record<
    FetchResult,
    number
  >
  #okMs = new Float64Array(1024)
  #okCount = 0

  count(result: FetchResult, durationMs: number): void {
    this.results[result]++
    if (result !== 'ok') return
    if (this.#okCount === this.#okMs.length) {
      const larger = new Float64Array(2 * this.#okCount)
      larger.set(this.#okMs)
      this.#okMs = larger
    }
    this.#okMs[this.#okCount++] = durationMs
  }

  /** Durations of the fetches that ended ok, in milliseconds, in the order in which they ended. */
  okDurationsMs(): Float64Array {
    return this.#okMs.slice(0, this.#okCount)
  }
}
