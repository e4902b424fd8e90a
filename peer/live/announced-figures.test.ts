import Server from 'bittorrent-tracker/server'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTracker } from '../../tracker/live/compose.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { bytesLeft } from '../protocol/manifest.ts'
import { Deferred } from './deferred.ts'
import { type ClosableFinder, createRtcFinder } from './rtc-finder.ts'
import { ratesOf } from './token-bucket.ts'
import { encodeTorrent } from './torrent.ts'
import { TorrentWorld } from './torrent-world.testing.ts'

const CHUNK_BYTES = 65_536
const CHUNKS = 40
const EVENTS = ['start', 'update', 'complete', 'stop'] as const

interface Heard {
  readonly event: (typeof EVENTS)[number]
  readonly left: number
  readonly uploaded: number
  readonly downloaded: number
}

/** A tracker of somebody else, and what it has heard, in order. */
class OtherTracker {
  readonly heard: Heard[] = []
  readonly #server = new Server({ stats: false })

  async start(): Promise<void> {
    const listening = new Promise<void>((resolve) => this.#server.on('listening', resolve))
    // It can't take IPv6 on a machine's IPv4 loopback, and says so.
    this.#server.on('error', () => undefined)
    for (const event of EVENTS)
      this.#server.on(event, (_peer, { left, uploaded, downloaded }) =>
        this.heard.push({ event, left, uploaded: Number(uploaded), downloaded: Number(downloaded) }),
      )
    this.#server.listen(0, { http: '127.0.0.1', udp: '127.0.0.1', udp6: '::1' })
    await listening
  }

  url(scheme: string): string {
    const { port } = scheme === 'udp' ? this.#server.udp4.address() : this.#server.http.address()
    return scheme === 'ws' ? `ws://127.0.0.1:${port}` : `${scheme}://127.0.0.1:${port}/announce`
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(resolve))
  }
}

describe('a torrent tracker', () => {
  let world: TorrentWorld
  let tracker: OtherTracker
  let finders: ClosableFinder[]

  beforeEach(async () => {
    finders = []
    world = await TorrentWorld.create()
    tracker = new OtherTracker()
    await tracker.start()
  })
  afterEach(async () => {
    await world.dispose()
    await Promise.all(finders.map((finder) => finder.close()))
    await tracker.stop()
  })

  const lookFor = (name: string) => {
    const ice = { stun: [], turn: [], bindAddress: '127.0.0.1' }
    const finder = createRtcFinder({ ice, random: new SeededRandom(name) })
    finders.push(finder)
    return { finders: [finder.find] }
  }

  it.each(['http', 'udp', 'ws'])(
    'hears over %s what a peer really lacks and has moved, and each event once',
    async (scheme) => {
      const url = tracker.url(scheme)
      const path = await world.file('film.bin', CHUNK_BYTES * CHUNKS - 1_000)
      const shared = await world.share([path], [], { chunkBytes: CHUNK_BYTES })
      const [{ torrent }] = shared.contents
      const { totalBytes } = torrent.manifest
      const source = join(world.folder, 'film.torrent')
      await writeFile(source, encodeTorrent({ ...torrent, trackers: [url] }))
      const peers = [shared.address]
      const heard = (event: string): Heard | undefined => tracker.heard.find((one) => one.event === event)

      const comesBy = (count: number) => {
        const enough = new Deferred<void>()
        let has = 0
        return { chunk: () => void (++has === count && enough.resolve()), enough: enough.promise }
      }
      const told = () => tracker.heard.splice(0).filter(({ event }) => event !== 'update')

      const { chunk, enough } = comesBy(15)
      // Slow enough that the tracker hears of it before it ends.
      const rates = ratesOf(Infinity, 1_500_000)
      const first = await world.fetch(source, 'out', [], { peers, chunk, rates, ...lookFor('first') })
      await enough
      await expect.poll(() => heard('start')).toBeDefined()
      const leaving = first.leave()
      const left = bytesLeft(torrent.manifest, first.peer.have)
      await leaving
      await expect.poll(() => heard('stop')).toBeDefined()
      expect(told()).toEqual([
        { event: 'start', left: totalBytes, uploaded: 0, downloaded: 0 },
        { event: 'stop', left, uploaded: 0, downloaded: totalBytes - left },
      ])

      const second = await world.fetch(source, 'out', [], { peers, rates, ...lookFor('second') })
      // A chunk that was being kept while the first one left is there, too.
      const missing = bytesLeft(torrent.manifest, second.peer.have)
      expect(missing).toBeLessThanOrEqual(left)
      await second.done
      await expect.poll(() => heard('complete')).toBeDefined()
      await second.leave()
      await expect.poll(() => heard('stop')).toBeDefined()
      expect(told()).toEqual([
        { event: 'start', left: missing, uploaded: 0, downloaded: 0 },
        { event: 'complete', left: 0, uploaded: 0, downloaded: missing },
        { event: 'stop', left: 0, uploaded: 0, downloaded: missing },
      ])
    },
  )
})

it("Seedbed's tracker hears how much of a torrent a peer has", async () => {
  const world = await TorrentWorld.create()
  const tracker = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
  try {
    const path = await world.file('film.bin', CHUNK_BYTES * CHUNKS)
    const shared = await world.share([path], [], { chunkBytes: CHUNK_BYTES })
    const [{ torrent }] = shared.contents
    const source = join(world.folder, 'film.torrent')
    await writeFile(source, encodeTorrent(torrent))
    const some = new Deferred<void>()
    const first = await world.fetch(source, 'out', [], {
      ...{ peers: [shared.address], rates: ratesOf(Infinity, 1_500_000) },
      chunk: () => some.resolve(),
    })
    await some.promise
    await first.leave()
    const second = await world.fetch(source, 'out', [tracker.url])
    const share = second.resumedChunks / CHUNKS
    expect(share).toBeGreaterThan(0)
    expect(share).toBeLessThan(1)
    const members = () => [...(tracker.tracker.swarm(torrent.infoHash)?.members() ?? [])]
    await expect.poll(() => members().length).toBe(1)
    expect(members()[0].completeness).toBeCloseTo(share, 6)
  } finally {
    await world.dispose()
    await tracker.stop()
  }
})
