import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { magnetOf } from './magnet.ts'
import { type ClosableFinder, createRtcFinder } from './rtc-finder.ts'
import { encodeTorrent } from './torrent.ts'
import { TorrentWorld } from './torrent-world.testing.ts'
import { startWebtorrent, type WebtorrentClient } from './webtorrent.testing.ts'

const BYTES = 5_000_000

describe('torrents with a WebSocket tracker', () => {
  let world: TorrentWorld
  let tracker: TrackerServer
  let finders: ClosableFinder[]
  let client: WebtorrentClient | undefined

  beforeEach(async () => {
    finders = []
    world = await TorrentWorld.create()
    tracker = await startTracker({
      ...{ host: '127.0.0.1', port: 0, policy: { name: 'random' } },
      settings: { announceMs: 5_000 },
    })
  })
  afterEach(async () => {
    await client?.stop()
    client = undefined
    await world.dispose()
    await Promise.all(finders.map((finder) => finder.close()))
    await tracker.stop()
  })

  const rtc = () => {
    const finder = createRtcFinder({ ice: { stun: [], turn: [] }, random: new SeededRandom('rtc') })
    finders.push(finder)
    return { finders: [finder.find] }
  }
  const wsUrl = (): string => tracker.url.replace('http', 'ws')
  const swarmSize = (infoHash: string) => tracker.tracker.swarm(`webrtc:${infoHash}`)?.size

  it('are found by their magnet links over WebRTC alone', async () => {
    const path = await world.file('film.bin', BYTES)
    const shared = await world.share([path], [wsUrl()], rtc())
    const [{ torrent }] = shared.contents
    await expect.poll(() => swarmSize(torrent.infoHash)).toBe(1)
    const fetched = await world.fetch(magnetOf(torrent), 'out', [], rtc())
    const { path: out, stats } = await fetched.done
    expect((await readFile(out)).equals(await readFile(path))).toBe(true)
    expect(stats.fromSeedBytes).toBe(BYTES)
    await fetched.leave()
    await expect.poll(() => swarmSize(torrent.infoHash)).toBe(1)
    await shared.leave()
    await expect.poll(() => swarmSize(torrent.infoHash)).toBeUndefined()
  })

  it('pass from peers on TCP to webtorrent by one that does both', { timeout: 60_000 }, async () => {
    const path = await world.file('film.bin', BYTES)
    const tcpOnly = await world.share([path], [tracker.url])
    const [{ torrent }] = tcpOnly.contents
    const source = join(world.folder, 'film.torrent')
    await writeFile(source, encodeTorrent({ ...torrent, trackers: [wsUrl()] }))
    await world.fetch(source, 'both', [tracker.url], rtc())
    const home = join(world.folder, 'webtorrent')
    await mkdir(home)
    client = startWebtorrent('leech', source, home)
    const [sha1] = await client.next('done')
    expect(sha1).toMatch(/^[0-9a-f]{40}$/)
    expect((await readFile(join(home, 'film.bin'))).equals(await readFile(path))).toBe(true)
  })
})
