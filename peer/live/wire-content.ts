import { chunkSize, type Manifest } from '../protocol/manifest.ts'

/** What a wire must know of a content to carry it. */
export interface WireContent {
  /** Info hash: 40 lower-case hex digits. */
  readonly infoHash: string
  readonly chunkCount: number
  chunkBytes(chunk: number): number
  /** The bencoded info dictionary, for those who come with a magnet link (BEP 9). */
  readonly info?: Uint8Array | undefined
  /** What this client calls itself. */
  readonly client: string
}

/** The content of a manifest whose id is an info hash. */
export const wireContentOf = (manifest: Manifest, info?: Uint8Array): WireContent => ({
  infoHash: manifest.contentId,
  chunkCount: manifest.digests.length,
  chunkBytes: (chunk) => chunkSize(manifest, chunk),
  info,
  client: 'Seedbed',
})
