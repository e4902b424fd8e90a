/** The rate is that of the last so many milliseconds. */
const WINDOW_MS = 5_000

/** How fast a counter of bytes grows. */
export class RateMeter {
  readonly #nowMs: () => number
  readonly #samples: (readonly [atMs: number, bytes: number])[] = []

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** Bytes per second over the last seconds, given what the counter says now. */
  of(bytes: number): number {
    const nowMs = this.#nowMs()
    this.#samples.push([nowMs, bytes])
    while (this.#samples.length > 2 && nowMs - this.#samples[1][0] >= WINDOW_MS) this.#samples.shift()
    const [atMs, before] = this.#samples[0]
    return nowMs > atMs ? (1000 * (bytes - before)) / (nowMs - atMs) : 0
  }
}
