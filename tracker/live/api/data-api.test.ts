import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChunkSet } from '../../../peer/protocol/chunk-set.ts'
import { encode } from '../../../peer/protocol/codec.ts'
import { decodeAll } from '../../../peer/protocol/frames.ts'
import { contentIdOf } from '../contents.ts'
import { FolderOrigin } from '../folder-origin.ts'
import { UrlOrigin } from '../url-origin.ts'
import { ApiHarness, peerIdOf } from './api.testing.ts'

const CHUNK = 1000
const film = randomBytes(3500)
const CONTENT = 'c'.repeat(64)

let folder: string
let api: ApiHarness

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-origin-'))
  mkdirSync(join(folder, 'files', 'below'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'files', 'film é.bin'), film)
  writeFileSync(join(folder, 'files', '.hidden'), 'secret')
  writeFileSync(join(folder, 'files', 'empty'), '')
  writeFileSync(join(folder, 'files', 'below', 'deep.txt'), 'secret')
  symlinkSync('../secret.txt', join(folder, 'files', 'link'))
  api = await ApiHarness.start({
    origin: new FolderOrigin(join(folder, 'files')),
    originChunkBytes: CHUNK,
  })
})
afterAll(async () => {
  await api.stop()
  rmSync(folder, { recursive: true })
})

const FILM = `/v1/contents/${encodeURIComponent('film é.bin')}`

describe('chunk maps', () => {
  const register = (number: number, chunks: number[], more: object = {}) =>
    api.ask(`/v1/contents/${CONTENT}/chunks`, {
      json: { peer: peerIdOf(number), port: 4000 + number, chunks, chunkCount: 100, ...more },
    })

  it('peers tell of chunks, and others learn of them, with addresses that the tracker saw', async () => {
    expect((await register(1, [0, 1, 99], { region: 'eu-west' })).json).toEqual({
      ...{ content: CONTENT, peer: peerIdOf(1), held: 3, chunkCount: 100, expiresMs: 90_000 },
    })
    await register(2, [1])
    expect((await register(2, [1, 2])).json).toMatchObject({ held: 2 })
    const { json } = await api.ask(`/v1/contents/${CONTENT}/chunks?peer=${peerIdOf(2)}`)
    expect(json).toMatchObject({
      content: CONTENT,
      chunkCount: 100,
      from: 0,
      policy: 'random',
      policyVersion: '1',
    })
    expect(json.chunks).toEqual([0, 1, 99].map((chunk) => ({ chunk, holders: [peerIdOf(1)] })))
    expect(json.peers).toHaveLength(1)
    expect(json.peers[0]).toMatchObject({ address: '127.0.0.1:4001', region: 'eu-west', completeness: 0.03 })
    expect(json.peers[0]).toMatchObject({ goodputBps: null, uploadSlots: null, isOrigin: false })
    const one = await api.ask(`/v1/contents/${CONTENT}/chunks/1`)
    expect(one.json.holders.map(({ peer }: { peer: string }) => peer).sort()).toEqual([
      peerIdOf(1),
      peerIdOf(2),
    ])
    const part = await api.ask(`/v1/contents/${CONTENT}/chunks?from=2&count=97&holders=1`)
    expect(part.json.chunks).toEqual([{ chunk: 2, holders: [peerIdOf(2)] }])
    expect((await api.ask(`/v1/swarms/${CONTENT}`)).json).toMatchObject({ chunks: 100, leechers: 2 })
    expect(await api.refusal(`/v1/swarms/${'d'.repeat(64)}`)).toEqual([404, 'E_UNKNOWN_SWARM'])
  })

  it('refuses what can not be', async () => {
    const url = `/v1/contents/${CONTENT}/chunks`
    const peer = peerIdOf(7)
    expect(await api.refusal(url, { json: { peer, port: 1, chunks: [100] } })).toEqual([400, 'E_CHUNK'])
    for (const body of [
      ...[{}, [], 1, null, { peer, port: 0, chunks: [1] }, { peer, port: 9, chunks: [] }],
      ...[
        { peer, port: 9, chunks: [-1] },
        { peer: 'short', port: 9, chunks: [1] },
        { peer, chunks: [1] },
      ],
      ...[
        { peer, port: 9, chunks: [1], extra: 1 },
        { peer, port: 9, chunks: Array(1025).fill(1) },
      ],
    ])
      expect(await api.refusal(url, { json: body })).toEqual([400, 'E_INVALID'])
    expect(await api.refusal(url, { body: 'peer=1' })).toEqual([415, 'E_CONTENT_TYPE'])
    expect(
      await api.refusal(`/v1/contents/${'d'.repeat(64)}/chunks`, { json: { peer, port: 9, chunks: [1] } }),
    ).toEqual([404, 'E_UNKNOWN_CONTENT'])
    for (const query of [
      'from=-1',
      'from=x',
      'from=1&from=2',
      'count=0',
      'count=9999',
      'holders=41',
      'peer=',
    ])
      expect(await api.refusal(`${url}?${query}`)).toEqual([400, 'E_INVALID'])
    const { json } = await api.ask(`${url}?count=0x10`)
    expect(json.error.message).toBe('invalid query.count: "0x10" (a whole number expected)')
  })

  it('lets a peer go where it asks for that itself', async () => {
    await register(5, [3])
    expect((await api.ask(`/v1/peers/${peerIdOf(5)}`, { method: 'DELETE' })).json).toEqual({
      ...{ peer: peerIdOf(5), swarms: 1 },
    })
    expect((await api.ask(`/v1/contents/${CONTENT}/chunks/3`)).json.holders).toEqual([])
    const again = await api.ask(`/v1/peers/${peerIdOf(5)}?content=${CONTENT}`, { method: 'DELETE' })
    expect(again.json.swarms).toBe(0)
  })

  it('goes to peers that speak the binary protocol too', async () => {
    const contentId = 'b'.repeat(64)
    const wide = { peer: peerIdOf(1), port: 4001, chunks: [0], chunkCount: 10, region: 'é'.repeat(40) }
    expect(await api.refusal(`/v1/contents/${contentId}/chunks`, { json: wide })).toEqual([400, 'E_INVALID'])
    await api.ask(`/v1/contents/${contentId}/chunks`, { json: { ...wide, region: 'é'.repeat(31) } })
    const announce = encode({
      ...{ type: 'announce', contentId, peerId: peerIdOf(2), address: ':4002', region: '', event: 'started' },
      ...{ isOrigin: false, uploadSlots: 4, active: 0, queued: 0, uploadedBytes: 0, downloadedBytes: 0 },
      ...{ chunks: new ChunkSet(10), wanted: 20 },
    })
    const headers = { 'content-type': 'application/octet-stream' }
    const { status, bytes } = await api.ask('/v1/messages', { body: new Uint8Array(announce), headers })
    expect(status).toBe(200)
    const [answer] = decodeAll(bytes)
    expect(answer).toMatchObject({
      candidates: [{ peerId: peerIdOf(1), address: '127.0.0.1:4001', region: 'é'.repeat(31) }],
    })
  })

  it('takes any JSON and any query without harm', async () => {
    const url = `/v1/contents/${'e'.repeat(64)}/chunks`
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 3 }), fc.string(), async (body, text) => {
        const posted = await api.ask(url, { body, headers: { 'content-type': 'application/json' } })
        const asked = await api.ask(`${url}?from=${encodeURIComponent(text)}&${encodeURIComponent(text)}`)
        const named = await api.ask(`/v1/contents/${encodeURIComponent(text)}/chunks/0`)
        for (const { status } of [posted, asked, named]) expect([200, 400, 404]).toContain(status)
      }),
      { numRuns: 60 },
    )
  })
})

describe('the origin', () => {
  it('gives chunks and ranges of them', async () => {
    const { status, bytes, headers } = await api.ask(`${FILM}/chunks/1/data`)
    expect([status, headers.get('accept-ranges'), headers.get('content-length')]).toEqual([
      200,
      'bytes',
      '1000',
    ])
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(bytes.equals(film.subarray(1000, 2000))).toBe(true)
    const last = await api.ask(`${FILM}/chunks/3/data`)
    expect(last.bytes.equals(film.subarray(3000))).toBe(true)
    expect(await api.refusal(`${FILM}/chunks/4/data`)).toEqual([404, 'E_CHUNK'])
    const whole = await api.ask(`${FILM}/data`)
    expect(whole.bytes.equals(film)).toBe(true)
    expect((await api.ask('/v1/contents/empty/data')).bytes.length).toBe(0)
    const head = await api.ask(`${FILM}/data`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), head.bytes.length]).toEqual([200, '3500', 0])
  })

  it('answers any Range header as RFC 9110 has it', async () => {
    const range = fc.oneof(
      fc.tuple(fc.nat(4000), fc.nat(4000)).map(([a, b]) => `bytes=${a}-${b}`),
      fc.nat(4000).map((a) => `bytes=${a}-`),
      fc.integer({ min: 1, max: 4000 }).map((n) => `bytes=-${n}`),
    )
    await fc.assert(
      fc.asyncProperty(range, async (header) => {
        const { status, headers, bytes } = await api.ask(`${FILM}/data`, { headers: { range: header } })
        const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header)!
        const start = from === '' ? Math.max(0, film.length - Number(to)) : Number(from)
        const end = from === '' || to === '' ? film.length - 1 : Math.min(Number(to), film.length - 1)
        if (from !== '' && to !== '' && Number(to) < start) {
          expect([status, bytes.equals(film)]).toEqual([200, true])
        } else if (start > end) {
          expect([status, headers.get('content-range')]).toEqual([416, `bytes */${film.length}`])
        } else {
          expect([status, headers.get('content-range')]).toEqual([
            206,
            `bytes ${start}-${end}/${film.length}`,
          ])
          expect(bytes.equals(film.subarray(start, end + 1))).toBe(true)
        }
      }),
      { numRuns: 80 },
    )
    const { status, bytes } = await api.ask(`${FILM}/data`, { headers: { range: 'bytes=0-1,5-6' } })
    expect([status, bytes.length]).toEqual([200, 3500])
  })

  it('leads nowhere but to the files of its folder', async () => {
    const names = [
      ...['..', '.', '../secret.txt', '..\\secret.txt', 'below/deep.txt', 'below', '.hidden', 'link'],
      ...['/etc/passwd', 'film é.bin/', 'film é.bin\0', 'a\0b', '%2e%2e/secret.txt', 'x'.repeat(255)],
    ]
    for (const name of names)
      for (const path of [
        `/v1/contents/${encodeURIComponent(name)}/data`,
        `/v1/contents/${encodeURIComponent(name)}/chunks/0/data`,
        `/download_chunk?movie=${encodeURIComponent(name)}&chunkIndex=0`,
      ]) {
        const { status, bytes } = await api.ask(path)
        expect([path, [400, 404].includes(status), bytes.toString().includes('secret"')]).toEqual([
          path,
          true,
          false,
        ])
        expect(bytes.toString()).not.toBe('secret')
      }
  })

  it('gives chunks of a content with a manifest whose name it has', async () => {
    const manifest = {
      name: 'film é.bin',
      totalBytes: film.length,
      chunkBytes: 2000,
      digests: ['1', '2'].map((d) => d.repeat(64)),
    }
    const contentId = contentIdOf(manifest)
    await api.ask(`/v1/contents/${contentId}`, { method: 'PUT', json: { contentId, ...manifest } })
    const { bytes } = await api.ask(`/v1/contents/${contentId}/chunks/1/data`)
    expect(bytes.equals(film.subarray(2000))).toBe(true)
    const other = { ...manifest, totalBytes: 3501 }
    const otherId = contentIdOf(other)
    await api.ask(`/v1/contents/${otherId}`, { method: 'PUT', json: { contentId: otherId, ...other } })
    expect(await api.refusal(`/v1/contents/${otherId}/data`)).toEqual([404, 'E_UNKNOWN_CONTENT'])
  })

  it('is not there where nobody has set it up', async () => {
    const bare = await ApiHarness.start()
    expect(await bare.refusal(`${FILM}/data`)).toEqual([404, 'E_NO_ORIGIN'])
    await bare.stop()
  })
})

describe('an origin behind a URL', () => {
  const asked: string[] = []
  let upstream: Server
  let behind: ApiHarness
  let answer: (req: IncomingMessage, res: ServerResponse) => void

  const serveFilm = (req: IncomingMessage, res: ServerResponse): void => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '') ?? []
    if (!req.url?.endsWith('/film%20%C3%A9.bin')) return void res.writeHead(404).end()
    if (req.method === 'HEAD') return void res.writeHead(200, { 'content-length': film.length }).end()
    const range = `bytes ${first}-${last}/${film.length}`
    res.writeHead(206, { 'content-range': range }).end(film.subarray(Number(first), Number(last) + 1))
  }

  beforeAll(async () => {
    upstream = createServer((req, res) => {
      asked.push(`${req.method} ${req.url}`)
      answer(req, res)
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port } = upstream.address() as AddressInfo
    behind = await ApiHarness.start({
      origin: new UrlOrigin(new URL(`http://127.0.0.1:${port}/media`)),
      originChunkBytes: CHUNK,
    })
  })
  afterAll(async () => {
    await behind.stop()
    upstream.close()
  })

  it('gives chunks and ranges of them', async () => {
    answer = serveFilm
    const { status, bytes } = await behind.ask(`${FILM}/chunks/1/data`, { headers: { range: 'bytes=10-19' } })
    expect([status, bytes.equals(film.subarray(1010, 1020))]).toEqual([206, true])
    expect(await behind.refusal('/v1/contents/other/data')).toEqual([404, 'E_UNKNOWN_CONTENT'])
  })

  it('is asked for nothing but names below the URL of the operator', async () => {
    answer = serveFilm
    asked.length = 0
    const names = [
      'http://127.0.0.1:1/x',
      '//evil.test/x',
      '../up',
      'a/b',
      '?x=1',
      '#x',
      'a@b',
      'x\r\nhost: y',
    ]
    for (const name of names)
      expect((await behind.ask(`/v1/contents/${encodeURIComponent(name)}/data`)).status).toBe(404)
    expect(asked.every((line) => /^HEAD \/media\/[^/?#\s]+$/.test(line))).toBe(true)
  })

  it('follows no redirect, and passes on nothing that is not the range', async () => {
    answer = (_req, res) => void res.writeHead(302, { location: `${api.server.url}/health` }).end()
    expect(await behind.refusal(`${FILM}/data`)).toEqual([502, 'E_ORIGIN'])
    answer = (req, res) =>
      req.method === 'HEAD' ? serveFilm(req, res) : void res.writeHead(200).end('all of it')
    expect(await behind.refusal(`${FILM}/chunks/1/data`)).toEqual([502, 'E_ORIGIN'])
    answer = (req) => req.socket.destroy()
    expect(await behind.refusal(`${FILM}/data`)).toEqual([502, 'E_ORIGIN'])
  })
})

describe('the old names', () => {
  it('answer in the old shape', async () => {
    const socketId = 'Xy7_socket-id'
    const tell = (chunkIndex: unknown) =>
      api.ask('/register_chunk', { json: { movie: 'old film', chunkIndex, peerId: socketId } })
    expect((await tell(2)).json.message).toContain('registered')
    await tell('5')
    expect((await api.ask('/get_chunk_map?movie=old%20film')).json).toEqual({ 2: [socketId], 5: [socketId] })
    expect((await api.ask('/get_chunk_map?movie=nothing')).json).toEqual({})
    expect((await api.ask('/v1/contents/old%20film/chunks/5')).json.holders[0]).toMatchObject({
      address: null,
    })
    expect((await api.ask('/cleanup_peer', { json: { peerId: socketId } })).json.success).toBe(true)
    expect((await api.ask('/get_chunk_map?movie=old%20film')).json).toEqual({})
    const { bytes } = await api.ask(`/download_chunk?movie=${encodeURIComponent('film é.bin')}&chunkIndex=3`)
    expect(bytes.equals(film.subarray(3000))).toBe(true)
    expect(await api.refusal('/get_chunk_map')).toEqual([400, 'E_INVALID'])
    expect(await api.refusal('/download_chunk?movie=x&chunkIndex=1.5')).toEqual([400, 'E_INVALID'])
  })
})
