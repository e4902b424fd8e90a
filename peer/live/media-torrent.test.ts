import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { requireSystem } from '../../tools/testing/system.ts'
import { MediaContent } from './media-content.ts'
import { MediaServer } from './media-server.ts'
import { ratesOf } from './token-bucket.ts'
import { TorrentWorld } from './torrent-world.testing.ts'

let world: TorrentWorld
let server: MediaServer | undefined
let media: MediaContent | undefined

beforeEach(async () => {
  world = await TorrentWorld.create()
})
afterEach(async () => {
  await server?.close()
  media?.close()
  server = media = undefined
  await world.dispose()
})

/** Shares what lies in a folder at a rate, and serves it to players while it is fetched. */
async function serve(path: string, rateBps: number) {
  const seed = await world.share([path], [], { chunkBytes: 16 * 1024, rates: ratesOf(rateBps) })
  const { torrent } = seed.contents[0]
  const fetched = await world.fetch(torrent.infoHash, 'got', [], {
    peers: [seed.address],
    chunk: (chunk) => media?.chunkKept(chunk),
  })
  const content = (media = new MediaContent(fetched, 500_000))
  server = await MediaServer.listen(content, { listen: { host: '127.0.0.1', port: 0 } })
  return { ...fetched, content, server }
}

it('serves each file of a torrent, whatever chunks it shares with others', async () => {
  const folder = join(world.folder, 'album')
  await mkdir(join(folder, 'disc 1'), { recursive: true })
  for (const [name, bytes] of [
    ['disc 1/one.mp3', 40_000],
    ['disc 1/two.mp3', 50_001],
    ['three.mp3', 7],
  ] as const)
    await writeFile(join(folder, name), randomBytes(bytes))
  const { torrent, content, server } = await serve(folder, Infinity)
  expect(torrent.files).toHaveLength(3)
  for (const file of content.files) {
    const data = await readFile(join(folder, file.path))
    const { url } = server.urlsOf(file)
    const whole = await fetch(url)
    expect(Buffer.from(await whole.arrayBuffer()).equals(data)).toBe(true)
    const part = await fetch(url, { headers: { range: 'bytes=3-' } })
    expect(Buffer.from(await part.arrayBuffer()).equals(data.subarray(3))).toBe(true)
  }
})

it('plays in a browser while most of it is missing, also from a later point', async (context) => {
  const ffmpeg = requireSystem('ffmpeg', context)
  const executablePath = requireSystem('chromium', context)
  const film = join(world.folder, 'film.webm')
  await promisify(execFile)(ffmpeg, [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25:duration=30'],
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '300k', '-g', '25', film],
  ])
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  })
  try {
    const page = await browser.newPage()
    const { peer, server } = await serve(film, 60_000)
    await page.goto(server.url)
    const video = page.locator('video')
    await video.evaluate((element: HTMLVideoElement) => {
      element.muted = true
      return element.play()
    })
    await page.waitForFunction(() => document.querySelector('video')!.currentTime > 0.5)
    expect(peer.isComplete).toBe(false)
    await video.evaluate((element: HTMLVideoElement) => (element.currentTime = 25))
    await page.waitForFunction(() => document.querySelector('video')!.currentTime > 25.2)
    expect(peer.isComplete).toBe(false)
    const duration = await video.evaluate((element: HTMLVideoElement) => element.duration)
    expect(duration).toBeCloseTo(30, 0)
  } finally {
    await browser.close()
  }
}, 60_000)
