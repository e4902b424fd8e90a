import { createHash, webcrypto } from 'node:crypto'
import type { Digest } from '../protocol/ids.ts'

/** From this size on, a trip to the thread pool costs less than the event loop would lose. */
const OFF_LOOP_BYTES = 256 * 1024

const ALGORITHMS = {
  sha1: { name: 'SHA-1', hexDigits: 40 },
  sha256: { name: 'SHA-256', hexDigits: 64 },
} as const

export type DigestAlgorithm = keyof typeof ALGORITHMS

/** How the digests of a manifest were made: SHA-1 in torrents, SHA-256 in Seedbed's own manifests. */
export const algorithmOf = ([digest]: readonly Digest[]): DigestAlgorithm =>
  digest?.length === ALGORITHMS.sha1.hexDigits ? 'sha1' : 'sha256'

/** Digest of some bytes in hex, made on the thread pool where they are many. */
export async function chunkDigest(data: Uint8Array, algorithm: DigestAlgorithm): Promise<Digest> {
  if (data.length < OFF_LOOP_BYTES) return createHash(algorithm).update(data).digest('hex')
  const digest = await webcrypto.subtle.digest(ALGORITHMS[algorithm].name, data as Uint8Array<ArrayBuffer>)
  return Buffer.from(digest).toString('hex')
}
