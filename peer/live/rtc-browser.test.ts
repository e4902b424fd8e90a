import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { requireSystem } from '../../tools/testing/system.ts'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { type ClosableFinder, createRtcFinder } from './rtc-finder.ts'
import { encodeTorrent } from './torrent.ts'
import { TorrentWorld } from './torrent-world.testing.ts'

const BYTES = 5_000_000
const WEBTORRENT = fileURLToPath(
  new URL('../../node_modules/webtorrent/dist/webtorrent.min.js', import.meta.url),
)
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
]

/** What a page does with the bundle that WebTorrent publishes: fetches a torrent, and tells the SHA-1 of its file. */
const PAGE = `<!doctype html><script type="module">
import WebTorrent from '/webtorrent.min.js'
window.fetched = (async () => {
  const client = new WebTorrent({ tracker: { rtcConfig: { iceServers: [] } } })
  const bytes = new Uint8Array(await (await fetch('/film.torrent')).arrayBuffer())
  const torrent = client.add(bytes)
  window.torrent = torrent
  await new Promise((resolve, reject) => { torrent.on('done', resolve); client.on('error', reject) })
  const hash = await crypto.subtle.digest('SHA-1', await torrent.files[0].arrayBuffer())
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
})()
</script>`

let world: TorrentWorld
let tracker: TrackerServer
let finder: ClosableFinder
let pages: Server
let browser: Browser | undefined
let torrentFile: Uint8Array

beforeEach(async () => {
  world = await TorrentWorld.create()
  tracker = await startTracker({
    ...{ host: '127.0.0.1', port: 0, policy: { name: 'random' } },
    settings: { announceMs: 5_000 },
  })
  finder = createRtcFinder({ ice: { stun: [], turn: [] }, random: new SeededRandom('rtc') })
  pages = createServer((request, response) => {
    const [type, body] =
      request.url === '/webtorrent.min.js'
        ? ['text/javascript', readFileSync(WEBTORRENT)]
        : request.url === '/film.torrent'
          ? ['application/x-bittorrent', torrentFile]
          : ['text/html', PAGE]
    response.writeHead(200, { 'content-type': type }).end(body)
  }).listen(0, '127.0.0.1')
  await once(pages, 'listening')
})
afterEach(async () => {
  await browser?.close()
  browser = undefined
  await world.dispose()
  await finder.close()
  await tracker.stop()
  pages.closeAllConnections()
  pages.close()
})

it(
  'a page in Chromium fetches a file from a peer, which then fetches it from that page',
  { timeout: 60_000 },
  async (test) => {
    const executablePath = requireSystem('chromium', test)
    const url = tracker.url.replace('http', 'ws')
    const path = await world.file('film.bin', BYTES)
    const shared = await world.share([path], [url], { finders: [finder.find] })
    const [{ torrent }] = shared.contents
    torrentFile = encodeTorrent(torrent)
    browser = await chromium.launch({ executablePath, args: FLAGS })
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`)
    const sha1 = await page.evaluate('window.fetched')
    expect(sha1).toBe(
      createHash('sha1')
        .update(await readFile(path))
        .digest('hex'),
    )
    await shared.leave()
    const source = join(world.folder, 'film.torrent')
    await writeFile(source, torrentFile)
    const fetched = await world.fetch(source, 'out', [], { finders: [finder.find] })
    const { path: out, stats } = await fetched.done
    expect((await readFile(out)).equals(await readFile(path))).toBe(true)
    expect(stats.fromSeedBytes).toBe(BYTES)
  },
)
