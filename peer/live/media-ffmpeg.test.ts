import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findSystem, requireSystem } from '../../tools/testing/system.ts'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { type GetHandle, type LivePeer, type LivePeerOptions, startGet, startSeed } from './compose.ts'
import { MediaContent } from './media-content.ts'
import { MediaServer } from './media-server.ts'
import { limitReads } from './media.testing.ts'

const DURATION_S = 9
const FRAMES = DURATION_S * 25
const CHUNK_BYTES = 16 * 1024
/** The seed's rate: the test's files take some seconds. */
const SEED_BPS = 250_000

/** How the same pictures and sound are packed, and what a playlist of it says. */
const KINDS = {
  'film.ts': ['-f', 'mpegts'],
  'film.mp4': ['-movflags', '+faststart'],
  'fragments.mp4': ['-movflags', '+empty_moov+default_base_moof+frag_keyframe+global_sidx'],
} as const

const run = promisify(execFile)

/** What ffmpeg makes of a file or URL: the number of frames and a hash of all pictures. */
async function play(
  ffmpeg: string,
  input: string,
  ...before: string[]
): Promise<{ frames: number; hash: string }> {
  const { stdout } = await run(ffmpeg, [
    ...['-v', 'error', '-nostdin', ...before, '-i', input, '-map', '0:v:0', '-f', 'framemd5', '-'],
  ])
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { frames: lines.length, hash: lines.map((line) => line.split(',').at(-1)!.trim()).join() }
}

describe('ffmpeg plays while a peer downloads', () => {
  let dir: string
  let tracker: TrackerServer
  let freeReads: () => void
  const contentIds = new Map<string, string>()
  const peers: LivePeer[] = []
  const servers: MediaServer[] = []

  const options = (): LivePeerOptions => ({
    trackers: [tracker.url],
    listen: { host: '127.0.0.1', port: 0 },
    region: 'eu-west',
    policy: { name: 'random' },
    settings: { seedBackoffMs: 50 },
  })
  beforeAll(async () => {
    const ffmpeg = findSystem('ffmpeg')
    dir = await mkdtemp(join(tmpdir(), 'seedbed-ffmpeg-'))
    tracker = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
    freeReads = limitReads(join(dir, 'seed'), SEED_BPS)
    if (ffmpeg === undefined) return
    await mkdir(join(dir, 'seed'))
    for (const [name, packing] of Object.entries(KINDS))
      await run(ffmpeg, [
        ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc=size=320x180:rate=25:duration=${DURATION_S}`],
        ...['-f', 'lavfi', '-i', `sine=frequency=440:duration=${DURATION_S}`],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '250k', '-g', '25', '-c:a', 'aac'],
        ...[...packing, join(dir, 'seed', name)],
      ])
    const files = Object.keys(KINDS).map((name) => join(dir, 'seed', name))
    const seed = await startSeed({ ...options(), files, chunkBytes: CHUNK_BYTES, isOrigin: false })
    peers.push(seed)
    for (const { manifest } of seed.contents) contentIds.set(manifest.name, manifest.contentId)
  }, 60_000)
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()))
    await Promise.all(peers.splice(1).map((peer) => peer.leave()))
  })
  afterAll(async () => {
    freeReads()
    await Promise.all(peers.map((peer) => peer.leave()))
    await tracker.stop()
    await rm(dir, { recursive: true })
  })

  let gets = 0
  const serve = async (name: string): Promise<{ get: GetHandle; url: string; playlistUrl: string }> => {
    const get: GetHandle = await startGet({
      ...options(),
      ...{ contentId: contentIds.get(name)!, outDir: join(dir, `got ${gets++}`) },
      chunk: (chunk) => media?.chunkKept(chunk),
    })
    peers.push(get)
    const media = new MediaContent(get, 100_000)
    const server = await MediaServer.listen(media, { listen: { host: '127.0.0.1', port: 0 } })
    servers.push(server)
    return { get, ...server.urlsOf(media.files[0]) }
  }

  /** The initialisation and the last segments, as a player that seeks fetches them: ffmpeg 5 can't seek in such a playlist. */
  const fromMiddle = async (playlist: string, playlistUrl: string): Promise<string> => {
    const [, uri, initBytes, initAt] = /#EXT-X-MAP:URI="(.*)",BYTERANGE="(\d+)@(\d+)"/.exec(playlist)!
    const segments = [...playlist.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)/g)].slice(-4)
    const parts: Buffer[] = []
    for (const [bytes, at] of [[initBytes, initAt], ...segments.map(([, bytes, at]) => [bytes, at])]) {
      const range = `bytes=${at}-${Number(at) + Number(bytes) - 1}`
      const response = await fetch(new URL(uri, playlistUrl), { headers: { range } })
      expect(response.status).toBe(206)
      parts.push(Buffer.from(await response.arrayBuffer()))
    }
    const path = join(dir, `late-${gets}.mp4`)
    await writeFile(path, Buffer.concat(parts))
    return path
  }

  it.for(Object.keys(KINDS))('%s to the end, and from the middle, over HTTP', async (name, context) => {
    const ffmpeg = requireSystem('ffmpeg', context)
    const whole = await play(ffmpeg, join(dir, 'seed', name))
    expect(whole.frames).toBe(FRAMES)
    const { get, url } = await serve(name)
    const late = play(ffmpeg, url, '-ss', '6')
    const isWholeAtOnce = get.peer.isComplete
    expect(await late).toEqual(await play(ffmpeg, join(dir, 'seed', name), '-ss', '6'))
    expect(await play(ffmpeg, url)).toEqual(whole)
    expect(isWholeAtOnce).toBe(false)
  })

  it.for(['film.ts', 'fragments.mp4'])(
    '%s to the end, and from the middle, by its HLS playlist',
    async (name, context) => {
      const ffmpeg = requireSystem('ffmpeg', context)
      const { get, playlistUrl } = await serve(name)
      const text = await (await fetch(playlistUrl)).text()
      expect(get.peer.isComplete).toBe(false)
      expect(text.match(/#EXT-X-BYTERANGE/g)!.length).toBeGreaterThan(1)
      const seconds = [...text.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, [, s]) => sum + Number(s), 0)
      expect(Math.abs(seconds - DURATION_S)).toBeLessThan(0.5)
      const ranges = [...text.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)/g)].map(([, n, at]) => [+n, +at])
      for (const [i, [, at]] of ranges.entries())
        if (i > 0) expect(at).toBe(ranges[i - 1][0] + ranges[i - 1][1])
      const { size } = await stat(join(dir, 'seed', name))
      expect(ranges.at(-1)![0] + ranges.at(-1)![1]).toBeGreaterThan(size - 1000)
      const whole = await play(ffmpeg, join(dir, 'seed', name))
      const late = name === 'film.ts' ? playlistUrl : await fromMiddle(text, playlistUrl)
      const { hash, frames } = await play(ffmpeg, late, ...(name === 'film.ts' ? ['-ss', '6'] : []))
      expect(whole.hash.endsWith(hash)).toBe(true)
      expect(frames).toBeGreaterThanOrEqual(3 * 25)
      expect(await play(ffmpeg, playlistUrl)).toEqual(whole)
    },
  )
})
