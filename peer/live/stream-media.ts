import type { StreamManifest } from '../protocol/stream.ts'

const MEDIA = 0
const END = 1

/** What a chunk of a stream says of itself besides its media, bytes. */
const KIND_BYTES = 1

/** Most media that one chunk carries, bytes. */
export const mediaBytesOf = ({ chunkBytes }: Pick<StreamManifest, 'chunkBytes'>): number =>
  chunkBytes - KIND_BYTES

/** The rate of chunks that media of a rate needs, bytes a second with what chunks say of themselves. */
export const chunkRateBps = (mediaBps: number, chunkBytes: number): number =>
  (mediaBps * chunkBytes) / (chunkBytes - KIND_BYTES)

/** The chunk that carries some media; none where the encoder had nothing in time. */
export const packMedia = (media: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(MEDIA), media])

/** The chunk that says that the stream is over. */
export const END_OF_STREAM = Uint8Array.of(END)

/** What a chunk of a stream carries. */
export type StreamChunk =
  | { readonly kind: 'media'; readonly media: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'unknown' }

/** What a chunk's bytes, without their signature, say. */
export function unpackMedia(chunk: Uint8Array): StreamChunk {
  if (chunk[0] === MEDIA) return { kind: 'media', media: chunk.subarray(KIND_BYTES) }
  return { kind: chunk[0] === END ? 'end' : 'unknown' }
}
