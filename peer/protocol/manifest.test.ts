import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from './errors.ts'
import { LIMITS } from './limits.ts'
import { canonicalManifest, chunkCountOf, chunkSize, type Manifest, parseManifest } from './manifest.ts'

const valid: Manifest = {
  contentId: 'c'.repeat(64),
  name: 'film.bin',
  totalBytes: 2500,
  chunkBytes: 1000,
  digests: ['1', '2', '3'].map((digit) => digit.repeat(64)),
}

describe('parseManifest', () => {
  it('takes a valid manifest and nothing that it does not know', () => {
    expect(parseManifest({ ...valid, secret: 1 })).toEqual(valid)
  })

  it.each([
    ['null', null, /an object expected/],
    ['a content id', { ...valid, contentId: 'C'.repeat(64) }, /contentId: "CCC/],
    ['a name', { ...valid, name: '' }, /1 to 255 characters/],
    ['a long name', { ...valid, name: 'x'.repeat(256) }, /1 to 255 characters/],
    ['no bytes', { ...valid, totalBytes: 0 }, /totalBytes: 0/],
    ['half a byte', { ...valid, totalBytes: 0.5 }, /totalBytes: 0.5/],
    ['large chunks', { ...valid, chunkBytes: LIMITS.chunkBytes + 1 }, /chunkBytes/],
    ['many chunks', { ...valid, chunkBytes: 1, totalBytes: 65_537 }, /raise chunkBytes/],
    ['few digests', { ...valid, digests: valid.digests.slice(1) }, /3 digests/],
    ['a digest that is none', { ...valid, digests: ['1', '2', '3'] }, /64 hex digits/],
  ])('refuses %s', (_what, value, message) => {
    expect(() => parseManifest(value)).toThrow(message)
    expect(() => parseManifest(value)).toThrow(ProtocolError)
  })

  it('refuses garbage with a ProtocolError', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(() => parseManifest(value)).toThrow(ProtocolError)
      }),
    )
  })
})

describe('manifests', () => {
  it('know the sizes of their chunks', () => {
    expect([0, 1, 2].map((chunk) => chunkSize(valid, chunk))).toEqual([1000, 1000, 500])
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 1e5, max: 1e8 }),
        (totalBytes, chunkBytes) => {
          const digests = new Array<string>(chunkCountOf(totalBytes, chunkBytes)).fill('')
          const manifest = { ...valid, totalBytes, chunkBytes, digests }
          const sizes = digests.map((_, chunk) => chunkSize(manifest, chunk))
          expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(totalBytes)
          expect(Math.min(...sizes)).toBeGreaterThan(0)
        },
      ),
    )
  })

  it('have a canonical text that tells different manifests apart', () => {
    expect(canonicalManifest(valid).split('\n').slice(0, 4)).toEqual([
      'seedbed-manifest-1',
      '"film.bin"',
      '2500',
      '1000',
    ])
    const texts = [valid, { ...valid, name: 'film.bin\n2500' }, { ...valid, totalBytes: 2501 }].map(
      canonicalManifest,
    )
    expect(new Set(texts).size).toBe(3)
  })
})
