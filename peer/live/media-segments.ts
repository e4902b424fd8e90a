import type { ByteRange } from './byte-range.ts'

/** A piece of media that can be played by itself once the initialisation is known. */
export interface MediaSegment extends ByteRange {
  readonly durationS: number
}

/** Where media can be cut. Ranges are those of the file. */
export interface MediaIndex {
  /** What a player needs before any segment, of fragmented MP4. */
  readonly init?: ByteRange
  readonly segments: readonly MediaSegment[]
}

/** Reads a short range of a file; shorter where the file ends. */
export type ReadFile = (range: ByteRange) => Promise<Uint8Array>

/** Most segments of a playlist. */
export const MAX_SEGMENTS = 20_000
/** Segments are about so long where the media says nothing of its own. */
export const SEGMENT_S = 4

/** Bytes of one second of media. */
export function mediaBpsOf({ segments }: MediaIndex): number {
  const seconds = segments.reduce((sum, { durationS }) => sum + durationS, 0)
  return (segments[segments.length - 1].end - segments[0].start) / seconds
}
