import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type RunningClient, startClient } from '../../tools/testing/bittorrent-clients.ts'
import { requireSystem } from '../../tools/testing/system.ts'
import { startTracker, type TrackerServer } from './compose.ts'
import { makeTorrent } from './bittorrent.testing.ts'

const BYTES = 20_000_000

let tracker: TrackerServer
let folder: string
let clients: RunningClient[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-clients-'))
  clients = []
  tracker = await startTracker({
    ...{ host: '127.0.0.1', port: 0, udpPort: 0, policy: { name: 'least-loaded' } },
    settings: { announceMs: 2000 },
  })
})
afterEach(async () => {
  await Promise.all(clients.map((client) => client.stop()))
  await tracker.stop()
  rmSync(folder, { recursive: true, force: true })
})

it.for(['HTTP', 'UDP'] as const)(
  'two aria2c exchange a file by announces over %s',
  { timeout: 90_000 },
  async (protocol, test) => {
    const program = requireSystem('aria2', test)
    const { name, content, infoHash, metainfo } = makeTorrent(BYTES)
    const announce =
      protocol === 'HTTP' ? `${tracker.url}/announce` : `udp://127.0.0.1:${tracker.udpPort}/announce`
    const torrent = join(folder, 'content.torrent')
    writeFileSync(torrent, metainfo(announce))
    const start = async (home: string, data?: Uint8Array): Promise<RunningClient> => {
      mkdirSync(join(folder, home))
      const seed = data && { content: { name, data } }
      clients.push(await startClient('aria2c', program, { home: join(folder, home), torrent, ...seed }))
      return clients.at(-1)!
    }
    await start('seed', content)
    await expect.poll(() => tracker.tracker.swarm(infoHash)?.seeds, { timeout: 30_000 }).toBe(1)
    const leecher = await start('leecher')
    const [code] = (await once(leecher.process, 'close')) as [number]
    expect(code).toBe(0)
    expect(readFileSync(join(leecher.folder, name)).equals(content)).toBe(true)
    // The leecher has said that it goes.
    expect(tracker.tracker.swarm(infoHash)).toMatchObject({ seeds: 1, leechers: 0 })
  },
)
