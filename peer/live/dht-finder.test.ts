import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDhtFinder, type DhtFinder } from './dht-finder.ts'
import { magnetOf } from './magnet.ts'
import type { SoughtSwarm } from './peer-finder.ts'
import { isPublicIpv4 } from './public-address.ts'
import { TorrentWorld } from './torrent-world.testing.ts'

const BYTES = 1_000_000
const HASH = 'cd'.repeat(20)

const figuresOf = (leftBytes: number) => ({ leftBytes, uploadedBytes: 0, downloadedBytes: 0 })

/** A swarm that notes whom it is told of. */
function sought(port: number, more: Partial<SoughtSwarm> = {}): SoughtSwarm & { readonly met: string[] } {
  const met: string[] = []
  return {
    ...{ infoHash: HASH, peerId: HASH, port, trackers: [], isPrivate: false, met },
    figures: () => figuresOf(0),
    completed: new Promise<void>(() => {}),
    meet: (address) => void met.push(address),
    adoptStream: () => undefined,
    ...more,
  }
}

describe('a DHT of its own on loopback', () => {
  let nodes: DhtFinder[]
  let world: TorrentWorld

  const node = async (bootstrap: readonly string[]): Promise<DhtFinder> => {
    const made = await createDhtFinder({ listen: { host: '127.0.0.1', port: 0 }, bootstrap })
    nodes.push(made)
    return made
  }

  beforeEach(async () => {
    world = await TorrentWorld.create()
    nodes = []
    const first = await node([])
    for (let i = 0; i < 5; i++) await node([first.address])
    await expect.poll(() => Math.min(...nodes.map(({ nodeCount }) => nodeCount))).toBeGreaterThan(0)
  })
  afterEach(async () => {
    await world.dispose()
    await Promise.all(nodes.map((each) => each.close()))
  })

  it('leads from a magnet link without a tracker to the whole file', async () => {
    const path = await world.file('film.bin', BYTES)
    const shared = await world.share([path], [], { finders: [nodes[2].find] })
    const [{ torrent }] = shared.contents
    const fetched = await world.fetch(magnetOf(torrent), 'out', [], { finders: [nodes[4].find] })
    const { path: out } = await fetched.done
    expect((await readFile(out)).equals(await readFile(path))).toBe(true)
    expect(world.warnings).toEqual([])
  })

  it('names those who announced, and no others', async () => {
    const stopOne = nodes[1].find(sought(7001))
    const asking = sought(7003, { figures: () => figuresOf(NaN) })
    const stopAsking = nodes[3].find(asking)
    await expect.poll(() => asking.met, { timeout: 10_000 }).toContain('127.0.0.1:7001')
    const two = sought(7002)
    const stopTwo = nodes[5].find(two)
    await expect.poll(() => two.met, { timeout: 10_000 }).toContain('127.0.0.1:7001')
    // Who only asks for a torrent is not announced.
    expect([...asking.met, ...two.met]).not.toContain('127.0.0.1:7003')
    for (const stop of [stopOne, stopAsking, stopTwo]) stop()
  })

  it('is not asked for private torrents', async () => {
    const hidden = sought(7004, { isPrivate: true })
    const open = sought(7005)
    const stops = [nodes[0].find(hidden), nodes[2].find(sought(7006)), nodes[0].find(open)]
    await expect.poll(() => open.met.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(hidden.met).toEqual([])
    for (const stop of stops) stop()
  })

  it('says which port can not be had', async () => {
    const port = Number(nodes[0].address.split(':')[1])
    await expect(createDhtFinder({ listen: { host: '127.0.0.1', port }, bootstrap: [] })).rejects.toThrow(
      `invalid listen address: 127.0.0.1:${port} (in use`,
    )
  })
})

it('tells public addresses from others', () => {
  expect(['8.8.8.8', '172.32.0.1', '223.255.255.255'].every(isPublicIpv4)).toBe(true)
  const others = [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.9.9',
    '224.0.0.1',
    '::1',
    'x',
  ]
  expect(others.some(isPublicIpv4)).toBe(false)
})
