import type { ChunkSet } from './chunk-set.ts'
import { ProtocolError } from './errors.ts'
import { type ContentId, type Digest, isDigest, quote } from './ids.ts'
import { LIMITS } from './limits.ts'

/** What a peer must know of a content before it can fetch and verify it. */
export interface Manifest {
  readonly contentId: ContentId
  readonly name: string
  readonly totalBytes: number
  readonly chunkBytes: number
  /** One digest a chunk, in order. */
  readonly digests: readonly Digest[]
}

/** Number of chunks that a content of `totalBytes` has. */
export const chunkCountOf = (totalBytes: number, chunkBytes: number): number =>
  Math.ceil(totalBytes / chunkBytes)

/** About so many chunks make short digests lists and leave peers something to exchange. */
const ADAPTIVE_CHUNKS = 1024
/** 64 KiB and 4 MiB, as powers of two. */
const LEAST_ADAPTIVE_BITS = 16
const MOST_ADAPTIVE_BITS = 22

/** A chunk size that suits a content: the power of two that gives about 1,024 chunks, from 64 KiB to 4 MiB. */
export function adaptiveChunkBytes(totalBytes: number): number {
  const bits = Math.round(Math.log2(totalBytes / ADAPTIVE_CHUNKS))
  return 1 << Math.min(MOST_ADAPTIVE_BITS, Math.max(LEAST_ADAPTIVE_BITS, bits))
}

/** Size in bytes of a chunk: `chunkBytes` for all but the last. */
export function chunkSize(manifest: Manifest, chunk: number): number {
  const last = manifest.digests.length - 1
  return chunk < last ? manifest.chunkBytes : manifest.totalBytes - last * manifest.chunkBytes
}

/** Bytes of the chunks that are missing. */
export function bytesLeft(manifest: Manifest, have: ChunkSet): number {
  let bytes = manifest.totalBytes
  have.forEach((chunk) => (bytes -= chunkSize(manifest, chunk)))
  return bytes
}

/** The text whose SHA-256 is the content id: newline-separated header and digests, without the name's influence on chunks. */
export function canonicalManifest(manifest: Omit<Manifest, 'contentId'>): string {
  return [
    'seedbed-manifest-1',
    JSON.stringify(manifest.name),
    String(manifest.totalBytes),
    String(manifest.chunkBytes),
    ...manifest.digests,
    '',
  ].join('\n')
}

/** Checks the shape of a manifest from outside. Throws ProtocolError. The caller compares the content id with the hash. */
export function parseManifest(value: unknown): Manifest {
  if (typeof value !== 'object' || value === null)
    throw new ProtocolError(`invalid manifest: ${quote(value)} (an object expected)`)
  const { contentId, name, totalBytes, chunkBytes, digests } = value as Record<string, unknown>
  if (!isDigest(contentId))
    throw new ProtocolError(`invalid manifest contentId: ${quote(contentId)} (64 hex digits expected)`)
  if (typeof name !== 'string' || name === '' || name.length > 255)
    throw new ProtocolError(`invalid manifest name: ${quote(name)} (1 to 255 characters expected)`)
  if (!isCount(totalBytes, 1, Number.MAX_SAFE_INTEGER))
    throw new ProtocolError(`invalid manifest totalBytes: ${quote(totalBytes)} (a positive integer expected)`)
  if (!isCount(chunkBytes, 1, LIMITS.chunkBytes))
    throw new ProtocolError(
      `invalid manifest chunkBytes: ${quote(chunkBytes)} (1 to ${LIMITS.chunkBytes} expected)`,
    )
  const chunks = chunkCountOf(totalBytes, chunkBytes)
  if (chunks > LIMITS.chunksPerContent)
    throw new ProtocolError(
      `invalid manifest: ${chunks} chunks (at most ${LIMITS.chunksPerContent}: raise chunkBytes)`,
    )
  if (!Array.isArray(digests) || digests.length !== chunks || !digests.every(isDigest))
    throw new ProtocolError(`invalid manifest digests: ${chunks} digests of 64 hex digits expected`)
  return { contentId, name, totalBytes, chunkBytes, digests }
}

const isCount = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
