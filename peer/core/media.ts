import type { Manifest } from '../protocol/manifest.ts'

/** Where a content's chunks lie in media time, for media of a constant byte rate. */
export class MediaTimeline {
  readonly chunkCount: number
  readonly durationMs: number
  readonly #chunkMs: number

  /** `byteRateBps`: bytes of one second of media. */
  constructor({ totalBytes, chunkBytes, digests }: Manifest, byteRateBps: number) {
    this.chunkCount = digests.length
    this.durationMs = (1000 * totalBytes) / byteRateBps
    this.#chunkMs = (1000 * chunkBytes) / byteRateBps
  }

  /** Media time at which a chunk begins; that of `chunkCount` is the end of the content. */
  startMs(chunk: number): number {
    return chunk >= this.chunkCount ? this.durationMs : chunk * this.#chunkMs
  }

  /** The chunk that holds the media at `positionMs`; the last one for the end of the content and beyond. */
  chunkAt(positionMs: number): number {
    return Math.min(this.chunkCount - 1, Math.floor(positionMs / this.#chunkMs))
  }

  /** The first chunk that begins at `positionMs` or later; `chunkCount` where none does. */
  endAt(positionMs: number): number {
    return Math.min(this.chunkCount, Math.ceil(positionMs / this.#chunkMs))
  }
}
