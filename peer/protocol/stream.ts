import { ProtocolError } from './errors.ts'
import { type ContentId, isDigest, quote } from './ids.ts'
import { LIMITS } from './limits.ts'

/** Bytes of an Ed25519 signature (RFC 8032), which closes every chunk of a stream. */
export const SIGNATURE_BYTES = 64

/** What a peer must know of a live stream before it can join and verify it. The chunks' digests nobody knows in advance. */
export interface StreamManifest {
  readonly contentId: ContentId
  readonly name: string
  /** Media bytes in a chunk; its signature comes on top. */
  readonly chunkBytes: number
  /** Media bytes a second. */
  readonly rateBps: number
  /** The stream's Ed25519 public key: 64 hex digits. */
  readonly publicKey: string
}

/** Time between two chunks of a stream. */
export const chunkIntervalMs = ({ chunkBytes, rateBps }: StreamManifest): number =>
  (1000 * chunkBytes) / rateBps

/** Bytes of a chunk's payload on the wire: media and signature. */
export const signedChunkBytes = ({ chunkBytes }: StreamManifest): number => chunkBytes + SIGNATURE_BYTES

/** The text whose SHA-256 is the stream's content id. */
export function canonicalStream({ name, chunkBytes, rateBps, publicKey }: Omit<StreamManifest, 'contentId'>) {
  return ['seedbed-stream-1', JSON.stringify(name), String(chunkBytes), String(rateBps), publicKey, ''].join(
    '\n',
  )
}

/** What is signed before a chunk's media: the stream's id (32 bytes) and the chunk's full number (8 bytes, big-endian). */
export function signedPrefix(contentId: ContentId, number: number): Uint8Array {
  const bytes = new Uint8Array(40)
  for (let i = 0; i < 32; i++) bytes[i] = Number.parseInt(contentId.slice(2 * i, 2 * i + 2), 16)
  new DataView(bytes.buffer).setBigUint64(32, BigInt(number))
  return bytes
}

/** Checks the shape of a stream's manifest from outside. Throws ProtocolError. The caller compares the id with the hash. */
export function parseStream(value: unknown): StreamManifest {
  if (typeof value !== 'object' || value === null)
    throw new ProtocolError(`invalid stream: ${quote(value)} (an object expected)`)
  const { contentId, name, chunkBytes, rateBps, publicKey } = value as Record<string, unknown>
  if (!isDigest(contentId))
    throw new ProtocolError(`invalid stream contentId: ${quote(contentId)} (64 hex digits expected)`)
  if (typeof name !== 'string' || name === '' || name.length > 255)
    throw new ProtocolError(`invalid stream name: ${quote(name)} (1 to 255 characters expected)`)
  const most = LIMITS.chunkBytes - SIGNATURE_BYTES
  if (typeof chunkBytes !== 'number' || !Number.isInteger(chunkBytes) || chunkBytes < 1 || chunkBytes > most)
    throw new ProtocolError(`invalid stream chunkBytes: ${quote(chunkBytes)} (1 to ${most} expected)`)
  if (typeof rateBps !== 'number' || !Number.isFinite(rateBps) || rateBps <= 0)
    throw new ProtocolError(`invalid stream rateBps: ${quote(rateBps)} (a positive number expected)`)
  if (!isDigest(publicKey))
    throw new ProtocolError(`invalid stream publicKey: ${quote(publicKey)} (64 hex digits expected)`)
  return { contentId, name, chunkBytes, rateBps, publicKey }
}
