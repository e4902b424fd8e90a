import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import {
  CLIENTS,
  type ClientName,
  COMPONENT_OF,
  type RunningClient,
  startClient,
  untilWhole,
} from '../../tools/testing/bittorrent-clients.ts'
import { requireSystem } from '../../tools/testing/system.ts'
import { TorrentWorld } from '../../peer/live/torrent-world.testing.ts'
import { makeTorrent, type TestTorrent } from './bittorrent.testing.ts'
import { startTracker, type TrackerServer } from './compose.ts'

const BYTES = 20_000_000
const LIMIT_MS = 40_000

/** Who fetches from whom by Seedbed's tracker: each client in both roles. */
const RING: readonly [ClientName, ClientName][] = CLIENTS.map((seed, i) => [
  seed,
  CLIENTS[(i + 1) % CLIENTS.length],
])

/** Transmission dials nobody at 127.0.0.1 that a tracker names: whoever has something for it there must dial it. */
const DIALS_LOOPBACK = new Set<ClientName>(CLIENTS.filter((client) => client !== 'transmission'))

describe('clients of other makers', { timeout: LIMIT_MS + 10_000 }, () => {
  let tracker: TrackerServer
  let folder: string
  const clients: RunningClient[] = []
  const worlds: TorrentWorld[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'seedbed-matrix-'))
    tracker = await startTracker({
      ...{ host: '127.0.0.1', port: 0, udpPort: 0, policy: { name: 'least-loaded' } },
      settings: { announceMs: 2000 },
    })
  })
  afterAll(async () => {
    await Promise.all([...clients.map((client) => client.stop()), ...worlds.map((world) => world.dispose())])
    await tracker.stop()
    rmSync(folder, { recursive: true })
  })

  const sha1 = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex')

  /** A torrent of its own for each test. */
  function torrentFor(name: string): { torrent: TestTorrent; path: string; name: string } {
    const torrent = makeTorrent(BYTES)
    mkdirSync(join(folder, name))
    const path = join(folder, name, 'content.torrent')
    writeFileSync(path, torrent.metainfo(`${tracker.url}/announce`))
    return { torrent, path, name }
  }

  async function start(
    client: ClientName,
    role: 'seed' | 'fetch',
    { torrent, path, name }: ReturnType<typeof torrentFor>,
    context: TestContext,
  ): Promise<RunningClient> {
    const component = COMPONENT_OF[client]
    const program = component && requireSystem(component, context)
    const content = role === 'seed' ? { content: { name: torrent.name, data: torrent.content } } : {}
    const home = join(folder, name, `${client}-${role}`)
    const running = await startClient(client, program, { home, torrent: path, ...content })
    clients.push(running)
    return running
  }

  const signal = (): AbortSignal => AbortSignal.timeout(LIMIT_MS)
  const leechers = (infoHash: string): number => tracker.tracker.swarm(infoHash)?.leechers ?? 0
  const seeds = (infoHash: string): number => tracker.tracker.swarm(infoHash)?.seeds ?? 0

  it.concurrent.for(RING)(
    'find each other by the tracker: %s seeds, %s fetches',
    async ([seed, leech], context) => {
      const given = torrentFor(`${seed}-${leech}`)
      const seeding = await start(seed, 'seed', given, context)
      await context.expect.poll(() => seeds(given.torrent.infoHash), { timeout: LIMIT_MS }).toBe(1)
      const fetching = await start(leech, 'fetch', given, context)
      await untilWhole(fetching, given.torrent.name, sha1(given.torrent.content), signal())
      await Promise.all([seeding.stop(), fetching.stop()])
    },
  )

  it.concurrent.for(CLIENTS)('seed to a Seedbed peer: %s', async (client, context) => {
    const given = torrentFor(`from-${client}`)
    const seeding = await start(client, 'seed', given, context)
    await context.expect.poll(() => seeds(given.torrent.infoHash), { timeout: LIMIT_MS }).toBe(1)
    const world = await TorrentWorld.create()
    worlds.push(world)
    const fetched = await world.fetch(given.path, 'out')
    const { path, stats } = await fetched.done
    expect(sha1(readFileSync(path))).toBe(sha1(given.torrent.content))
    expect(stats.fromSeedBytes).toBe(BYTES)
    await Promise.all([seeding.stop(), fetched.leave()])
  })

  it.concurrent.for(CLIENTS)('fetch from a Seedbed peer: %s', async (client, context) => {
    const world = await TorrentWorld.create()
    worlds.push(world)
    const given = torrentFor(`to-${client}`)
    mkdirSync(join(world.folder, 'out'))
    writeFileSync(join(world.folder, 'out', given.torrent.name), given.torrent.content)
    const seeding = await world.fetch(given.path, 'out')
    await seeding.done
    await context.expect.poll(() => seeds(given.torrent.infoHash), { timeout: LIMIT_MS }).toBe(1)
    const fetching = await start(client, 'fetch', given, context)
    if (!DIALS_LOOPBACK.has(client)) {
      await context.expect.poll(() => leechers(given.torrent.infoHash), { timeout: LIMIT_MS }).toBe(1)
      seeding.meet(fetching.address)
    }
    await untilWhole(fetching, given.torrent.name, sha1(given.torrent.content), signal())
    await Promise.all([seeding.leave(), fetching.stop()])
  })
})
