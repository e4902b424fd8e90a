import { BLOCK_BYTES } from './wire-limits.ts'

const LEAST_BLOCKS = 4
const FIRST_BLOCKS = 32
/** Requests under way cover what comes in this time. Some clients look at their requests twice a second only. */
const COVER_MS = 2_000
/** Between two looks at the rate. */
const SAMPLE_MS = 100
/** Weight of a new rate sample. */
const WEIGHT = 0.5

/** How many block requests to keep under way at one neighbour: its bandwidth times a round trip, with room to grow. */
export class PipelineDepth {
  readonly #mostBlocks: () => number
  #blocks = FIRST_BLOCKS
  #rateBps = NaN
  #sampleBytes = 0
  #sampleStartMs = NaN

  /** `mostBlocks`: what the other side is willing to queue. */
  constructor(mostBlocks: () => number) {
    this.#mostBlocks = mostBlocks
  }

  get blocks(): number {
    return Math.min(this.#blocks, this.#mostBlocks())
  }

  /** A block has come while requests were waiting for room. */
  arrived(bytes: number, nowMs: number): void {
    if (Number.isNaN(this.#sampleStartMs)) this.#sampleStartMs = nowMs
    this.#sampleBytes += bytes
    const spanMs = nowMs - this.#sampleStartMs
    if (spanMs < SAMPLE_MS) return
    const sampleBps = (1000 * this.#sampleBytes) / spanMs
    this.#rateBps = Number.isNaN(this.#rateBps)
      ? sampleBps
      : this.#rateBps + WEIGHT * (sampleBps - this.#rateBps)
    this.#blocks = Math.max(LEAST_BLOCKS, Math.ceil((this.#rateBps * COVER_MS) / 1000 / BLOCK_BYTES))
    this.#sampleBytes = 0
    this.#sampleStartMs = nowMs
  }

  /** Nothing is under way: the time until the next request says nothing of the neighbour. */
  idle(): void {
    this.#sampleStartMs = NaN
    this.#sampleBytes = 0
  }
}
