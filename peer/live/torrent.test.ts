import bencode from 'bencode'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { magnetOf, parseMagnet } from './magnet.ts'
import { TorrentError } from './errors.ts'
import { encodeTorrent, parseTorrent } from './torrent.ts'

const pieces = Buffer.alloc(20 * 3, 7)
const info = { length: 40_000, name: 'film.bin', 'piece length': 16_384, pieces }
const torrent = (changes: object, more: object = {}): Uint8Array =>
  bencode.encode({ announce: 'http://tracker.example/announce', info: { ...info, ...changes }, ...more })

describe('a .torrent file', () => {
  it('is read as it was written', () => {
    const read = parseTorrent(torrent({}, { 'url-list': ['http://seed.example/'], private: 1 }))
    expect(read.manifest).toMatchObject({ name: 'film.bin', totalBytes: 40_000, chunkBytes: 16_384 })
    expect(read.manifest.digests).toHaveLength(3)
    expect(read.files).toEqual([{ path: 'film.bin', bytes: 40_000, offset: 0 }])
    expect(parseTorrent(encodeTorrent(read))).toEqual(read)
  })

  it.for<[string, object, string]>([
    ['a name that leads out of the folder', { name: '../x' }, 'invalid torrent name'],
    ['a name that is the folder', { name: '..' }, 'invalid torrent name'],
    ['too few digests', { length: 400_000 }, 'invalid torrent pieces'],
    ['digests of another kind', { pieces: Buffer.alloc(32) }, 'SHA-1 digests of 20 bytes'],
    ['pieces of no size', { 'piece length': 0 }, 'invalid torrent piece length'],
    ['nothing in it', { length: 0 }, 'invalid torrent length'],
    ['a path that leads out', { files: [{ length: 40_000, path: ['..', 'x'] }] }, 'invalid torrent path'],
    ['a path twice', { files: Array(2).fill({ length: 20_000, path: ['x'] }) }, 'each file once'],
  ])('is refused with %s', ([, changes, message]) => {
    expect(() => parseTorrent(torrent(changes))).toThrow(message)
  })

  it('is refused with a TorrentError or read, whatever the bytes', () => {
    const valid = torrent({})
    const mutated = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = valid.slice()
        for (const [at, value] of changes) bytes[at] = value
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          parseTorrent(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(TorrentError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a magnet link', () => {
  it('is read as it was written', async () => {
    const read = parseTorrent(torrent({}, { 'url-list': ['http://seed.example/a b'] }))
    const magnet = await parseMagnet(magnetOf(read))
    expect(magnet).toEqual({
      infoHash: read.infoHash,
      name: 'film.bin',
      trackers: read.trackers,
      webSeeds: read.webSeeds,
      peers: [],
    })
  })

  it('may be an info hash alone, and name peers', async () => {
    const hash = 'AB'.repeat(20)
    expect((await parseMagnet(hash)).infoHash).toBe('ab'.repeat(20))
    const { peers } = await parseMagnet(`magnet:?xt=urn:btih:${hash}&x.pe=127.0.0.1:6881&x.pe=nonsense`)
    expect(peers).toEqual(['127.0.0.1:6881'])
  })
})
