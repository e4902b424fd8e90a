import { ProtocolError } from './errors.ts'

/** Peer identifier: 40 lower-case hex digits (20 bytes, as in BEP 3). */
export type PeerId = string
/**
 * Content identifier, lower-case hex digits: 64 of them, the SHA-256 of the content's canonical manifest; or 40, the info
 * hash of a torrent.
 */
export type ContentId = string
/** Digest of a chunk: 64 lower-case hex digits, SHA-256 live (40 in torrents, SHA-1); in simulation a token of the same form. */
export type Digest = string
/** Where a node is reached: `host:port` or a URL live, a host name in simulation. */
export type Address = string

export const PEER_ID_BYTES = 20
export const DIGEST_BYTES = 32
export const INFO_HASH_BYTES = 20

const PEER_ID = /^[0-9a-f]{40}$/
const DIGEST = /^[0-9a-f]{64}$/

export const isPeerId = (value: unknown): value is PeerId => typeof value === 'string' && PEER_ID.test(value)
export const isDigest = (value: unknown): value is Digest => typeof value === 'string' && DIGEST.test(value)

/** Returns the value as a content id. Throws ProtocolError where it is not 64 hex digits. */
export function parseContentId(value: string): ContentId {
  const lower = value.toLowerCase()
  if (!DIGEST.test(lower))
    throw new ProtocolError(`invalid content id: ${quote(value)} (64 hex digits expected)`)
  return lower
}

/** A value as shown in an error message: JSON, cut to a readable length. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
