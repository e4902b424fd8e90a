import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { ContentId } from '../protocol/ids.ts'
import {
  canonicalStream,
  SIGNATURE_BYTES,
  signedChunkBytes,
  signedPrefix,
  type StreamManifest,
} from '../protocol/stream.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { StreamVerifier } from '../ports/stream-verifier.ts'
import { dataOf, LiveBody } from './live-body.ts'

/** What stands before the 32 bytes of an Ed25519 public key in its SPKI form (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** The content id that a stream must have. */
export const streamIdOf = (stream: Omit<StreamManifest, 'contentId'>): ContentId =>
  createHash('sha256').update(canonicalStream(stream)).digest('hex')

/** The public key of a stream's private key, as its manifest names it: 64 hex digits. */
export function publicKeyOf(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return spki.subarray(SPKI_PREFIX.length).toString('hex')
}

/** Reads a private key in PEM form. Throws where it is none of Ed25519. */
export function readStreamKey(pem: string): KeyObject {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`invalid stream key: ${key.asymmetricKeyType} (an Ed25519 private key expected)`)
  return key
}

/** Makes a stream's chunks: the media, and behind it the signature over the stream's id, the full number and the media. */
export function signChunk(
  contentId: ContentId,
  number: number,
  media: Uint8Array,
  privateKey: KeyObject,
): LiveBody {
  const signature = sign(null, Buffer.concat([signedPrefix(contentId, number), media]), privateKey)
  return new LiveBody(Buffer.concat([media, signature]))
}

/** The media in a chunk that `signChunk` made. */
export const mediaOf = (body: ChunkBody): Uint8Array => dataOf(body).subarray(0, -SIGNATURE_BYTES)

/** Verifies a stream's chunks by their Ed25519 signatures (RFC 8032); one may be short where its source had no more. */
export class SignatureVerifier implements StreamVerifier {
  readonly #manifest: StreamManifest
  readonly #key: KeyObject

  constructor(manifest: StreamManifest) {
    this.#manifest = manifest
    this.#key = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, Buffer.from(manifest.publicKey, 'hex')]),
      format: 'der',
      type: 'spki',
    })
  }

  verify(number: number, body: ChunkBody, done: (isGenuine: boolean) => void): void {
    const data = dataOf(body)
    if (data.length <= SIGNATURE_BYTES || data.length > signedChunkBytes(this.#manifest)) return done(false)
    const signed = Buffer.concat([signedPrefix(this.#manifest.contentId, number), mediaOf(body)])
    done(verify(null, signed, this.#key, data.subarray(-SIGNATURE_BYTES)))
  }
}
