import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeTorrent, type TestTorrent } from '../../tracker/live/bittorrent.testing.ts'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { SystemClock } from '../ports/system-clock.ts'
import { rtcClosed } from './rtc-connection.ts'
import { RtcSwarm } from './rtc-swarm.ts'
import { startWebtorrent, type WebtorrentClient } from './webtorrent.testing.ts'
import { type WirePeer, WireWorld } from './wire-world.testing.ts'
import { WsTracker } from './ws-tracker.ts'

const BYTES = 20_000_000
const CHUNK_BYTES = 256 * 1024

const sha1 = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex')

let folder: string
let tracker: TrackerServer
let torrent: TestTorrent
let world: WireWorld
let stops: (() => Promise<void>)[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-webtorrent-'))
  tracker = await startTracker({
    ...{ host: '127.0.0.1', port: 0, policy: { name: 'random' } },
    settings: { announceMs: 5_000 },
  })
  torrent = makeTorrent(BYTES, CHUNK_BYTES)
  writeFileSync(join(folder, 'content.torrent'), torrent.metainfo(wsUrl()))
  world = new WireWorld()
  stops = []
})
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()))
  await world.dispose()
  await rtcClosed()
  await tracker.stop()
  rmSync(folder, { recursive: true })
})

const wsUrl = (): string => tracker.url.replace('http', 'ws')

function manifestOf({ content, infoHash, name }: TestTorrent): Manifest {
  const digests = Array.from({ length: Math.ceil(BYTES / CHUNK_BYTES) }, (_, i) =>
    sha1(content.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)),
  )
  return { contentId: infoHash, name, totalBytes: BYTES, chunkBytes: CHUNK_BYTES, digests }
}

/** A peer of ours that can be reached by WebRTC only. */
async function ours(data?: Uint8Array): Promise<WirePeer> {
  const made = await world.peer(manifestOf(torrent), data)
  const clock = new SystemClock()
  const signalling = new WsTracker(wsUrl(), { clock, random: new SeededRandom('ws') })
  const swarm = new RtcSwarm(
    {
      infoHash: torrent.infoHash,
      peerId: made.peerId,
      trackers: [signalling],
      ice: { stun: [], turn: [] },
      clock,
    },
    {
      figures: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: data ? 0 : BYTES }),
      wanted: () => 5,
      connected: (stream) => made.network.adoptStream(stream, stream.remote),
    },
  )
  swarm.start()
  stops.push(async () => {
    made.peer.leave()
    swarm.leave()
    await signalling.close()
    swarm.destroy()
  })
  return made
}

function webtorrent(role: 'seed' | 'leech'): WebtorrentClient {
  const home = join(folder, role)
  mkdirSync(home)
  if (role === 'seed') writeFileSync(join(home, torrent.name), torrent.content)
  const client = startWebtorrent(role, join(folder, 'content.torrent'), home)
  stops.push(() => client.stop())
  return client
}

it('our peers give a file to each other over WebRTC', async () => {
  await ours(torrent.content)
  const leecher = await ours()
  await leecher.complete
  expect(sha1(leecher.store.data)).toBe(sha1(torrent.content))
})

it('webtorrent gets a file from a peer of ours', { timeout: 60_000 }, async () => {
  await ours(torrent.content)
  const client = webtorrent('leech')
  expect((await client.next('wire'))[0]).toBe('webrtc')
  expect(await client.next('done')).toEqual([sha1(torrent.content)])
})

it('a peer of ours gets a file from webtorrent', { timeout: 60_000 }, async () => {
  const client = webtorrent('seed')
  await client.next('done')
  const leecher = await ours()
  expect((await client.next('wire'))[0]).toBe('webrtc')
  await leecher.complete
  expect(sha1(leecher.store.data)).toBe(sha1(torrent.content))
  expect(leecher.peer.stats.wastedBytes).toBe(0)
})
