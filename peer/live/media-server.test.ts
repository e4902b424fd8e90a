import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { type LivePeer, type LivePeerOptions, startGet, startSeed } from './compose.ts'
import { MediaContent } from './media-content.ts'
import { MediaServer } from './media-server.ts'

const CHUNK_BYTES = 16 * 1024
const BYTES = 30 * CHUNK_BYTES - 100
const NAME = 'a film & more.mp4'
const PATH = '/media/a%20film%20%26%20more.mp4'

interface Reply {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

describe('a media server', () => {
  const data = randomBytes(BYTES)
  let dir: string
  let tracker: TrackerServer
  let contentId: string
  const peers: LivePeer[] = []
  let media: MediaContent
  let server: MediaServer
  let kept: number[]

  const options = (): LivePeerOptions => ({
    trackers: [tracker.url],
    listen: { host: '127.0.0.1', port: 0 },
    region: 'eu-west',
    policy: { name: 'random' },
    settings: { seedBackoffMs: 50, maxFetches: 2 },
  })
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'seedbed-media-'))
    tracker = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
    await mkdir(join(dir, 'seed'))
    await writeFile(join(dir, 'seed', NAME), data)
    const files = [join(dir, 'seed', NAME)]
    const seed = await startSeed({ ...options(), files, chunkBytes: CHUNK_BYTES, isOrigin: false })
    contentId = seed.contents[0].manifest.contentId
    peers.push(seed)
  })
  afterAll(async () => {
    await Promise.all(peers.map((peer) => peer.leave()))
    await tracker.stop()
    await rm(dir, { recursive: true })
  })

  let gets = 0
  beforeEach(async () => {
    kept = []
    const get = await startGet({
      ...options(),
      ...{ contentId, outDir: join(dir, `got ${gets++}`) },
      chunk: (chunk) => {
        kept.push(chunk)
        media?.chunkKept(chunk)
      },
    })
    peers.push(get)
    media = new MediaContent(get, 1_000_000)
    server = await MediaServer.listen(media, {
      listen: { host: '127.0.0.1', port: 0 },
      hostNames: ['seedbox'],
    })
  })
  afterEach(async () => {
    await server.close()
    media.close()
    await peers.pop()!.leave()
  })

  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> => {
    const sent = request(new URL(path, server.url), { method, headers, agent: false }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part as Buffer)
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }
  }

  it('sends the file as it comes, whole or a range of it', async () => {
    const whole = await ask(PATH)
    expect(whole.status).toBe(200)
    expect(whole.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(BYTES),
      'content-type': 'video/mp4',
      'x-content-type-options': 'nosniff',
    })
    expect(whole.body.equals(data)).toBe(true)
    const part = await ask(PATH, { range: 'bytes=20000-50000' })
    expect(part.status).toBe(206)
    expect(part.headers['content-range']).toBe(`bytes 20000-50000/${BYTES}`)
    expect(part.body.equals(data.subarray(20_000, 50_001))).toBe(true)
    const tail = await ask(PATH, { range: 'bytes=-5' })
    expect(tail.body.equals(data.subarray(-5))).toBe(true)
  })

  it('fetches first what is asked for, and the rest afterwards', async () => {
    const from = 20 * CHUNK_BYTES
    const { body } = await ask(PATH, { range: `bytes=${from}-` })
    expect(body.equals(data.subarray(from))).toBe(true)
    // What had been begun before the request came aside, the range came first.
    const early = kept.slice(0, kept.indexOf(29)).filter((chunk) => chunk < 20)
    expect(early.length).toBeLessThan(12)
    await expect.poll(() => kept.length).toBe(30)
  })

  it('tells the size without sending, for HEAD', async () => {
    const { status, headers, body } = await ask(PATH, {}, 'HEAD')
    expect([status, headers['content-length'], body.length]).toEqual([200, String(BYTES), 0])
    const part = await ask(PATH, { range: 'bytes=0-9' }, 'HEAD')
    expect([part.status, part.headers['content-length'], part.body.length]).toEqual([206, '10', 0])
  })

  it('refuses ranges behind the end, and ignores what is no range', async () => {
    const behind = await ask(PATH, { range: `bytes=${BYTES}-` })
    expect([behind.status, behind.headers['content-range']]).toEqual([416, `bytes */${BYTES}`])
    const odd = await ask(PATH, { range: 'bytes=0-1,5-6' })
    expect([odd.status, odd.body.length]).toEqual([200, BYTES])
  })

  it('sends a range only of the version that was meant', async () => {
    const { etag } = (await ask(PATH, {}, 'HEAD')).headers
    const range = 'bytes=0-9'
    const status = async (headers: Record<string, string>) => (await ask(PATH, headers)).status
    expect(await status({ range, 'if-range': etag! })).toBe(206)
    expect(await status({ range, 'if-range': '"other"' })).toBe(200)
    expect(await status({ range, 'if-range': `W/${etag}` })).toBe(200)
    expect(await status({ range, 'if-range': 'Sat, 21 Nov 2026 17:05:00 GMT' })).toBe(200)
    expect(await status({ 'if-none-match': etag! })).toBe(304)
    expect(await status({ 'if-none-match': '"other"' })).toBe(200)
  })

  it('answers under addresses and known names only: other sites’ names may be made to point here', async () => {
    const status = async (host: string) => (await ask('/', { host })).status
    for (const host of ['127.0.0.1:1', 'localhost', 'LOCALHOST:80', '[::1]:99', 'seedbox:8', '192.168.0.7'])
      expect(await status(host), host).toBe(200)
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'evil@127.0.0.1',
      '[evil]',
    ])
      expect(await status(host), host).toBe(403)
  })

  it('shows a page, and nothing else', async () => {
    const { body, headers } = await ask('/')
    expect(body.toString()).toContain('<h1>a film &amp; more.mp4</h1>')
    expect(body.toString()).toContain(`src="${PATH}"`)
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect((await ask(PATH, {}, 'POST')).headers.allow).toBe('GET, HEAD')
    for (const path of [
      '/media/',
      '/media/other',
      '/media/%ff',
      '/../etc/passwd',
      '/media/..%2f..%2fetc%2fpasswd',
    ])
      expect((await ask(path)).status, path).toBe(404)
  })

  it('offers what can not be cut as a plain playlist', async () => {
    const { body, headers } = await ask('/playlist/a%20film%20%26%20more.mp4.m3u8')
    expect(headers['content-type']).toBe('audio/x-mpegurl')
    expect(body.toString()).toBe(`#EXTM3U\n#EXTINF:-1,${NAME}\n${new URL(PATH, server.url).href}\n`)
  })

  it('lets readers go in the middle, and many read at once', async () => {
    const sent = request(new URL(PATH, server.url), { agent: false }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    await once(response, 'readable')
    response.destroy()
    const bodies = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        ask(PATH, { range: `bytes=${i * 40_000}-${i * 40_000 + 59_999}` }),
      ),
    )
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    for (const [i, { body }] of bodies.entries())
      expect(hash(body)).toBe(hash(data.subarray(i * 40_000, i * 40_000 + 60_000)))
    await expect.poll(() => media.readerCount).toBe(0)
  })
})
