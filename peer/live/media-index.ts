import type { MediaIndex, ReadFile } from './media-segments.ts'
import { indexFragments } from './mp4-index.ts'
import { indexTransportStream } from './ts-index.ts'

/** Finds out how a file can be cut: MPEG transport streams, and MP4 fragments with an index. Undefined for all else. */
export async function indexMedia(read: ReadFile, totalBytes: number): Promise<MediaIndex | undefined> {
  return (await indexTransportStream(read, totalBytes)) ?? (await indexFragments(read, totalBytes))
}
