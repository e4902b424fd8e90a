import type { ChunkBody } from '../ports/chunk-store.ts'
import type { ChunkRing } from './chunk-ring.ts'

export interface PlaybackHost {
  /** Playback begins with a chunk. */
  started(first: number): void
  /** A chunk is due; `undefined` where it is not there in time. */
  played(number: number, body: ChunkBody | undefined): void
}

/** Plays a live stream out at its own rate: gathers a start buffer, then skips what is not there when it is due. */
export class LivePlayback {
  /** Chunks that were there when they were due, and those that were not. */
  playedCount = 0
  skippedCount = 0
  readonly #ring: ChunkRing
  readonly #intervalMs: number
  readonly #bufferChunks: number
  readonly #patienceMs: number
  readonly #host: PlaybackHost
  /** The next chunk to play; NaN before the viewer knows where the stream is. */
  #next = NaN
  /** When chunk 0 would have been due; NaN before playback begins. */
  #zeroMs = NaN
  #waitsSinceMs = NaN
  #skippedInRow = 0
  #lastPlayed = -1

  constructor(
    ring: ChunkRing,
    intervalMs: number,
    bufferChunks: number,
    patienceMs: number,
    host: PlaybackHost,
  ) {
    this.#ring = ring
    this.#intervalMs = intervalMs
    this.#bufferChunks = bufferChunks
    this.#patienceMs = patienceMs
    this.#host = host
  }

  /** The next chunk to play; NaN before the viewer knows where the stream is. */
  get next(): number {
    return this.#next
  }

  get isPlaying(): boolean {
    return !Number.isNaN(this.#zeroMs)
  }

  /** The last chunk that was there when it was due, -1 for none. */
  get lastPlayed(): number {
    return this.#lastPlayed
  }

  /** For how long every chunk that was due has been missing. */
  get silentMs(): number {
    return this.#skippedInRow * this.#intervalMs
  }

  /** When a chunk is due; NaN while nothing is played. */
  dueMs(number: number): number {
    return this.#zeroMs + number * this.#intervalMs
  }

  /** Gathers a start buffer from a chunk on, to play from there. */
  gather(first: number, nowMs: number): void {
    this.#next = first
    this.#zeroMs = NaN
    this.#waitsSinceMs = nowMs
    this.#skippedInRow = 0
  }

  /** Plays what is due by now, or begins to. Call before a chunk is added: what comes later than it was due is too late. */
  advance(nowMs: number): void {
    if (Number.isNaN(this.#next)) return
    if (!this.isPlaying) {
      if (!this.#mayStart(nowMs)) return
      this.#zeroMs = nowMs - this.#next * this.#intervalMs
      this.#host.started(this.#next)
    }
    while (this.dueMs(this.#next) <= nowMs) {
      const body = this.#ring.get(this.#next)
      if (body) {
        this.playedCount++
        this.#skippedInRow = 0
        this.#lastPlayed = this.#next
      } else {
        this.skippedCount++
        this.#skippedInRow++
      }
      this.#host.played(this.#next++, body)
    }
  }

  #mayStart(nowMs: number): boolean {
    const ring = this.#ring
    let held = 0
    for (let i = 0; i < this.#bufferChunks; i++) if (ring.has(this.#next + i)) held++
    return held === this.#bufferChunks || (held > 0 && nowMs - this.#waitsSinceMs >= this.#patienceMs)
  }
}
