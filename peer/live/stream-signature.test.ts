import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { streamVerifierContract } from '../ports/stream-verifier.contract.ts'
import type { StreamManifest } from '../protocol/stream.ts'
import { LiveBody } from './live-body.ts'
import {
  mediaOf,
  publicKeyOf,
  readStreamKey,
  SignatureVerifier,
  signChunk,
  streamIdOf,
} from './stream-signature.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const shape = { name: 'news', chunkBytes: 2048, rateBps: 51_200, publicKey: publicKeyOf(privateKey) }
const manifest: StreamManifest = { ...shape, contentId: streamIdOf(shape) }
const media = (number: number): Uint8Array => Buffer.alloc(2048, `chunk ${number}`)
const body = (number: number): LiveBody => signChunk(manifest.contentId, number, media(number), privateKey)

streamVerifierContract('SignatureVerifier', () => ({
  verifier: new SignatureVerifier(manifest),
  body,
  tamperedBody: (number) => {
    const data = Uint8Array.from(body(number).data)
    data[17] ^= 1
    return new LiveBody(data)
  },
  foreignBody: (number) => signChunk('f'.repeat(64), number, media(number), privateKey),
}))

describe('signed chunks', () => {
  it('carry 64 bytes more than their media', () => {
    expect(body(5).bytes).toBe(2112)
    expect(mediaOf(body(5))).toEqual(Buffer.from(media(5)))
  })

  it('are refused where another key signed them or bytes are missing', () => {
    const verifier = new SignatureVerifier(manifest)
    const other = generateKeyPairSync('ed25519').privateKey
    const results: boolean[] = []
    verifier.verify(5, signChunk(manifest.contentId, 5, media(5), other), (ok) => results.push(ok))
    verifier.verify(5, new LiveBody(body(5).data.subarray(1)), (ok) => results.push(ok))
    verifier.verify(5, new LiveBody(new Uint8Array(0)), (ok) => results.push(ok))
    expect(results).toEqual([false, false, false])
  })

  it('need an Ed25519 key', () => {
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
    expect(publicKeyOf(readStreamKey(String(pem)))).toBe(manifest.publicKey)
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    expect(() => readStreamKey(String(ec.export({ format: 'pem', type: 'pkcs8' })))).toThrow(
      'an Ed25519 private key expected',
    )
  })
})
