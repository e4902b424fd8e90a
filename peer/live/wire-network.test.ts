import { duplexPair } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
})
