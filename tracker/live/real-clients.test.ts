import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { requireSystem } from '../../tools/testing/system.ts'
import { startTracker, type TrackerServer } from './compose.ts'
import { makeTorrent } from './bittorrent.testing.ts'

const BYTES = 20_000_000

let tracker: TrackerServer
let folder: string
let clients: ChildProcess[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-clients-'))
  clients = []
  tracker = await startTracker({
    ...{ host: '127.0.0.1', port: 0, udpPort: 0, policy: { name: 'least-loaded' } },
    settings: { announceMs: 2000 },
  })
})
afterEach(async () => {
  for (const client of clients) client.kill('SIGKILL')
  await Promise.all(
    clients.filter(({ exitCode, signalCode }) => exitCode ?? signalCode ?? true).map((c) => once(c, 'close')),
  )
  await tracker.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts aria2c in a folder of its own, where the content lies already if it is to seed. */
async function aria2c(path: string, name: string, metainfo: Buffer, content?: Buffer): Promise<ChildProcess> {
  const home = join(folder, name)
  mkdirSync(home)
  writeFileSync(join(home, 'content.torrent'), metainfo)
  if (content) writeFileSync(join(home, 'content.bin'), content)
  const dht = [
    '--enable-dht=true',
    `--dht-listen-port=${await freePort()}`,
    `--dht-file-path=${join(home, 'dht')}`,
  ]
  const client = spawn(
    path,
    [
      ...[
        '--enable-dht6=false',
        '--bt-enable-lpd=false',
        '--enable-peer-exchange=false',
        '--disable-ipv6=true',
      ],
      ...[
        '--no-conf',
        '--file-allocation=none',
        '--check-integrity=true',
        '--seed-ratio=0.0',
        '--summary-interval=0',
      ],
      ...['-d', home, `--listen-port=${await freePort()}`, ...dht],
      ...(content ? ['--seed-time=60'] : ['--seed-time=0', '--bt-tracker-interval=2']),
      join(home, 'content.torrent'),
    ],
    { stdio: 'ignore' },
  )
  clients.push(client)
  return client
}

it.for(['HTTP', 'UDP'] as const)(
  'two aria2c exchange a file by announces over %s',
  { timeout: 90_000 },
  async (protocol, test) => {
    const path = requireSystem('aria2', test)
    const torrent = makeTorrent(BYTES)
    const announce =
      protocol === 'HTTP' ? `${tracker.url}/announce` : `udp://127.0.0.1:${tracker.udpPort}/announce`
    await aria2c(path, 'seed', torrent.metainfo(announce), torrent.content)
    await expect.poll(() => tracker.tracker.swarm(torrent.infoHash)?.seeds, { timeout: 30_000 }).toBe(1)
    const leecher = await aria2c(path, 'leecher', torrent.metainfo(announce))
    const [code] = (await once(leecher, 'close')) as [number]
    expect(code).toBe(0)
    expect(readFileSync(join(folder, 'leecher', torrent.name)).equals(torrent.content)).toBe(true)
    // The leecher has said that it goes.
    expect(tracker.tracker.swarm(torrent.infoHash)).toMatchObject({ seeds: 1, leechers: 0 })
  },
)
