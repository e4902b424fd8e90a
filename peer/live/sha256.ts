import { createHash, webcrypto } from 'node:crypto'
import type { ContentId, Digest } from '../protocol/ids.ts'
import { canonicalManifest, type Manifest } from '../protocol/manifest.ts'

/** From this size on, a trip to the thread pool costs less than the event loop would lose. */
const OFF_LOOP_BYTES = 256 * 1024

/** SHA-256 of some bytes in hex, on the thread pool where they are many. */
export async function sha256(data: Uint8Array): Promise<Digest> {
  if (data.length < OFF_LOOP_BYTES) return createHash('sha256').update(data).digest('hex')
  const digest = await webcrypto.subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>)
  return Buffer.from(digest).toString('hex')
}

/** The content id that a manifest must have. */
export const contentIdOf = (manifest: Omit<Manifest, 'contentId'>): ContentId =>
  createHash('sha256').update(canonicalManifest(manifest)).digest('hex')
