import { duplexPair } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ratesOf } from './token-bucket.ts'
import { makeContent, WireWorld } from './wire-world.testing.ts'

const { data, manifest } = makeContent(3_300_000, 262_144)

describe('peers over the BitTorrent wire', () => {
  let world: WireWorld

  beforeEach(() => {
    world = new WireWorld()
  })
  afterEach(() => world.dispose())

  it('give a content from one to the next', async () => {
    const seed = await world.peer(manifest, data)
    const first = await world.peer(manifest)
    const second = await world.peer(manifest)
    first.peer.meet(seed.peerId, seed.address)
    second.peer.meet(first.peerId, first.address)
    await Promise.all([first.complete, second.complete])
    expect(Buffer.compare(first.store.data, data)).toBe(0)
    expect(Buffer.compare(second.store.data, data)).toBe(0)
    expect(second.peer.stats.fromSeedBytes + second.peer.stats.fromPeerBytes).toBe(data.length)
    expect(second.peer.stats.wastedBytes).toBe(0)
  })

  it('use any stream that is handed to both of them', async () => {
    const seed = await world.peer(manifest, data)
    const getter = await world.peer(manifest)
    const [here, there] = duplexPair()
    seed.network.adoptStream(here, 'channel-1')
    getter.network.adoptStream(there, 'channel-1')
    await getter.complete
    expect(Buffer.compare(getter.store.data, data)).toBe(0)
  })

  it('fetch small pieces and blocks that do not fill a piece', async () => {
    const small = makeContent(100_001, 20_000, 'small')
    const seed = await world.peer(small.manifest, small.data)
    const getter = await world.peer(small.manifest)
    getter.peer.meet(seed.peerId, seed.address)
    await getter.complete
    expect(Buffer.compare(getter.store.data, small.data)).toBe(0)
  })

  it('keep to a bound on their rates', async () => {
    const seed = await world.peer(manifest, data, {}, { rates: ratesOf(4_000_000) })
    const getter = await world.peer(manifest, undefined, {}, { rates: ratesOf(Infinity, 4_000_000) })
    const startedMs = performance.now()
    getter.peer.meet(seed.peerId, seed.address)
    await getter.complete
    // A bucket lets a quarter of a second pass at once; what is left cannot come faster than its rate.
    expect(performance.now() - startedMs).toBeGreaterThan((1000 * (data.length - 1_000_000)) / 4_000_000 - 1)
  })

  it('wait where a seed is busy or has choked them, and lose nothing', async () => {
    // One slot for four, of whom two are unchoked at a time; choke rounds break chunks off in the middle.
    const seed = await world.peer(
      manifest,
      data,
      { uploadSlots: 1, uploadQueue: 0, maxUnchoked: 2, chokeRoundMs: 20 },
      { rates: ratesOf(20_000_000) },
    )
    const results = new Map<string, number>()
    const more = { onFetchEnd: (result: string) => results.set(result, (results.get(result) ?? 0) + 1) }
    const settings = { seedBackoffMs: 10 }
    const getters = await Promise.all(
      Array.from({ length: 4 }, () => world.peer(manifest, undefined, settings, { more })),
    )
    for (const { peer } of getters) peer.meet(seed.peerId, seed.address)
    await Promise.all(getters.map(({ complete }) => complete))
    for (const { store } of getters) expect(Buffer.compare(store.data, data)).toBe(0)
    expect(results.get('busy')).toBeGreaterThan(0)
    expect(results.get('corrupt')).toBeUndefined()
    expect(seed.peer.stats.uploadedBytes).toBeGreaterThanOrEqual(data.length)
  })

  it('ban who sends wrong bytes, and get the content from another', async () => {
    const wrong = data.map((byte) => byte ^ 1)
    const liar = await world.peer(manifest, wrong)
    const getter = await world.peer(manifest)
    getter.peer.meet(liar.peerId, liar.address)
    await expect.poll(() => getter.peer.stats.wastedBytes).toBeGreaterThan(0)
    const seed = await world.peer(manifest, data)
    getter.peer.meet(seed.peerId, seed.address)
    await getter.complete
    expect(Buffer.compare(getter.store.data, data)).toBe(0)
    expect(liar.network.linkCount).toBe(0)
  })

  it('tell each other where they are and how many they serve at once', async () => {
    const seed = await world.peer(manifest, data, { uploadSlots: 7 }, { more: { isOrigin: true } })
    const handshakes: unknown[] = []
    const getter = await world.peer(manifest)
    const message = getter.network.message.bind(getter.network)
    vi.spyOn(getter.network, 'message').mockImplementation((link, heard) => {
      if (heard.type === 'handshake') handshakes.push(heard)
      message(link, heard)
    })
    getter.peer.meet(seed.peerId, seed.address)
    await getter.complete
    expect(handshakes).toMatchObject([
      { peerId: seed.peerId, address: seed.address, region: 'eu-west', isOrigin: true, uploadSlots: 7 },
    ])
  })

  it('tell each other how their fetches went', async () => {
    const seed = await world.peer(manifest, data)
    const settings = { gossipMs: 10 }
    const [first, second] = [
      await world.peer(manifest, undefined, settings),
      await world.peer(manifest, undefined, { ...settings, maxFetches: 0 }),
    ]
    const reports: unknown[] = []
    const message = second.network.message.bind(second.network)
    vi.spyOn(second.network, 'message').mockImplementation((link, heard) => {
      if (heard.type === 'report') reports.push(...heard.reports)
      message(link, heard)
    })
    second.peer.meet(first.peerId, first.address)
    await expect.poll(() => second.peer.neighbourCount).toBe(1)
    first.peer.meet(seed.peerId, seed.address)
    await expect.poll(() => reports.length).toBeGreaterThan(0)
    expect(reports[0]).toMatchObject({ seedId: seed.peerId, result: 'ok', bytes: 262_144 })
  })

  it('take no more connections than they may', async () => {
    const seed = await world.peer(manifest, data, {}, { limits: { maxConnections: 1 } })
    const [first, second] = [await world.peer(manifest), await world.peer(manifest)]
    const lost: string[] = []
    const down = second.network.down.bind(second.network)
    vi.spyOn(second.network, 'down').mockImplementation((link, reason) => {
      lost.push(reason)
      down(link, reason)
    })
    seed.peer.meet(first.peerId, first.address)
    await expect.poll(() => seed.network.linkCount).toBe(1)
    second.peer.meet(seed.peerId, seed.address)
    await expect.poll(() => lost).toHaveLength(1)
    await first.complete
    expect(second.peer.have.count).toBe(0)
    expect(seed.host.connectionCount).toBeLessThanOrEqual(1)
  })
})
