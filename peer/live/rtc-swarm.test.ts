import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { SystemClock } from '../ports/system-clock.ts'
import { rtcClosed, rtcConnectionCount } from './rtc-connection.ts'
import { type IceOptions, RTC_LIMITS, type RtcLimits } from './rtc-options.ts'
import { RtcSwarm } from './rtc-swarm.ts'
import type { RtcStream } from './rtc-stream.ts'
import { WsTracker } from './ws-tracker.ts'

const HASH = 'ab'.repeat(20)
const DIRECT: IceOptions = { stun: [], turn: [], bindAddress: '127.0.0.1' }
const clock = new SystemClock()

/** A peer that notes whom it is connected to. */
class TestPeer {
  readonly id: string
  readonly swarm: RtcSwarm
  readonly trackers: readonly WsTracker[]
  readonly streams = new Map<string, RtcStream>()
  readonly incoming: boolean[] = []
  readonly warnings: string[] = []
  leftBytes = 10
  announced = 0

  constructor(
    urls: readonly string[],
    wanted: number,
    limits: Partial<RtcLimits> = {},
    id = randomBytes(20).toString('hex'),
  ) {
    this.id = id
    const warning = (error: Error): void => void this.warnings.push(error.message)
    this.trackers = urls.map((url) => new WsTracker(url, { clock, random: new SeededRandom(url), warning }))
    this.swarm = new RtcSwarm(
      {
        ...{ infoHash: HASH, peerId: this.id, trackers: this.trackers, ice: DIRECT, clock },
        limits: { ...RTC_LIMITS, ...limits },
      },
      {
        figures: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: this.leftBytes }),
        wanted: () => wanted,
        connected: (stream, peerId, isIncoming) => {
          this.incoming.push(isIncoming)
          this.streams.set(peerId, stream)
        },
        announced: () => void this.announced++,
        warning,
      },
    )
    this.swarm.start()
  }

  async stop(): Promise<void> {
    this.swarm.leave()
    this.swarm.destroy()
    await Promise.all(this.trackers.map((tracker) => tracker.close()))
  }
}

let peers: TestPeer[]
let tracker: TrackerServer

const startedTracker = (port = 0): Promise<TrackerServer> =>
  startTracker({ host: '127.0.0.1', port, policy: { name: 'random' }, settings: { announceMs: 5_000 } })
const wsUrl = (): string => tracker.url.replace('http', 'ws')
const peer = (wanted: number, limits?: Partial<RtcLimits>, urls = [wsUrl()], id?: string): TestPeer => {
  const made = new TestPeer(urls, wanted, limits, id)
  peers.push(made)
  return made
}

beforeEach(async () => {
  peers = []
  tracker = await startedTracker()
})
afterEach(async () => {
  await Promise.all(peers.map((each) => each.stop()))
  await rtcClosed()
  expect(rtcConnectionCount()).toBe(0)
  await tracker.stop()
})

describe('peers that signal through a tracker', () => {
  it('find each other, and talk', async () => {
    const seed = peer(0)
    seed.leftBytes = 0
    await expect.poll(() => seed.announced).toBe(1)
    const leecher = peer(3)
    await expect.poll(() => [seed.streams.size, leecher.streams.size], { timeout: 5_000 }).toEqual([1, 1])
    expect([seed.incoming, leecher.incoming]).toEqual([[true], [false]])
    const [there, back] = [leecher.streams.get(seed.id)!, seed.streams.get(leecher.id)!]
    const got = buffer(there)
    back.resume().end('the whole file')
    expect((await got).toString()).toBe('the whole file')
    await expect.poll(() => leecher.swarm.connectionCount).toBe(0)
    expect(leecher.swarm.offerCount).toBe(2)
    await leecher.stop()
    expect(tracker.tracker.swarm(`webrtc:${HASH}`)?.size).toBe(1)
  })

  it('offer no more than their limits say, and answer no more', async () => {
    const full = peer(0, { maxConnections: 0 })
    await expect.poll(() => full.announced).toBe(1)
    const greedy = peer(100, { offersPerAnnounce: 4, maxOffers: 6 })
    await expect.poll(() => greedy.announced).toBe(1)
    expect(greedy.swarm.offerCount).toBe(4)
    greedy.swarm.announce()
    await expect.poll(() => greedy.announced).toBe(2)
    expect(greedy.swarm.offerCount).toBe(6)
    greedy.swarm.announce()
    await expect.poll(() => greedy.announced).toBe(3)
    expect([greedy.swarm.offerCount, full.swarm.connectionCount]).toEqual([6, 0])
  })

  it('withdraw offers that nobody answers', async () => {
    const lonely = peer(3, { offerTimeoutMs: 100 })
    await expect.poll(() => lonely.announced).toBe(1)
    await expect.poll(() => lonely.swarm.offerCount).toBe(0)
  })

  it('tell when they have everything', async () => {
    const one = peer(0)
    await expect.poll(() => one.announced).toBe(1)
    one.leftBytes = 0
    one.swarm.announce()
    await expect.poll(() => one.announced).toBe(2)
    expect(tracker.tracker.swarm(`webrtc:${HASH}`)).toMatchObject({ seeds: 1, leechers: 0, completions: 1 })
  })

  it('come back to a tracker that was away, and keep their connections meanwhile', async () => {
    const [one, two] = [peer(0), peer(3)]
    await expect.poll(() => one.streams.size + two.streams.size, { timeout: 10_000 }).toBe(2)
    const { port } = tracker
    await tracker.stop()
    await expect
      .poll(() => one.warnings)
      .toEqual([expect.stringMatching(/is lost: .* \(it is tried again\)/)])
    expect(one.streams.get(two.id)!.destroyed).toBe(false)
    tracker = await startedTracker(port)
    await expect.poll(() => tracker.tracker.swarm(`webrtc:${HASH}`)?.size, { timeout: 10_000 }).toBe(2)
    expect(one.warnings).toHaveLength(1)
  })

  it('connect anew to one that begins anew under its old name', async () => {
    const one = peer(0)
    await expect.poll(() => one.announced).toBe(1)
    const first = peer(1)
    await expect.poll(() => one.streams.size, { timeout: 5_000 }).toBe(1)
    const old = one.streams.get(first.id)!
    first.swarm.leave()
    const again = peer(1, {}, [wsUrl()], first.id)
    await expect.poll(() => again.announced).toBe(1)
    // Its offer has come while the old connection still stands.
    expect([old.destroyed, again.streams.size]).toEqual([false, 0])
    old.resume()
    first.swarm.destroy()
    await expect.poll(() => again.streams.size, { timeout: 5_000 }).toBe(1)
  })

  it('use every tracker they are given', async () => {
    const other = await startedTracker()
    try {
      const one = peer(0)
      const two = peer(0, {}, [other.url.replace('http', 'ws')])
      await expect.poll(() => one.announced + two.announced).toBe(2)
      const both = peer(4, {}, [wsUrl(), other.url.replace('http', 'ws')])
      await expect.poll(() => both.streams.size, { timeout: 5_000 }).toBe(2)
      await Promise.all(peers.map((each) => each.stop()))
    } finally {
      await other.stop()
    }
  })
})

describe('a tracker that is none', () => {
  it('is told apart by what it says, and left alone for a while', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    const told: string[] = []
    server.on('connection', (socket: WebSocket) => {
      socket.on('message', (data) => {
        told.push((data as Buffer).toString())
        socket.send('{"action":"announce","info_hash":3}')
      })
    })
    await once(server, 'listening')
    const one = peer(0, {}, [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`])
    await expect
      .poll(() => one.warnings)
      .toEqual([
        expect.stringContaining('invalid tracker message: info_hash'),
        expect.stringContaining('is lost'),
      ])
    expect(told).toHaveLength(1)
    expect(JSON.parse(told[0])).toMatchObject({ action: 'announce', event: 'started', left: 10, offers: [] })
    await one.stop()
    server.close()
  })

  it('is asked again after a refusal', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server.on('connection', (socket: WebSocket) => {
      socket.on('message', () => socket.send('{"failure reason":"not today"}'))
    })
    await once(server, 'listening')
    const one = peer(0, {}, [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`])
    await expect.poll(() => one.warnings).toEqual([expect.stringContaining('refused an announce: not today')])
    await one.stop()
    server.close()
  })

  it('can not fool a peer with descriptions that nobody can read', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    const common = { action: 'announce', info_hash: Buffer.from(HASH, 'hex').toString('latin1') }
    const offer = { ...common, peer_id: 'x'.repeat(20), offer_id: 'y', offer: { type: 'offer', sdp: 'v=0' } }
    server.on('connection', (socket: WebSocket) => {
      socket.on('message', () => {
        socket.send(JSON.stringify(offer))
        socket.send(JSON.stringify({ ...common, interval: 30, complete: 0, incomplete: 1 }))
      })
    })
    await once(server, 'listening')
    const one = peer(0, {}, [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`])
    await expect.poll(() => one.announced).toBe(1)
    expect(one.warnings).toEqual(["invalid offer: it can't be read"])
    expect(one.swarm.connectionCount).toBe(0)
    await one.stop()
    server.close()
  })
})
