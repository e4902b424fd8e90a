import { type ChildProcess, spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeTorrent } from '../../peer/live/make-torrent.ts'
import { encodeTorrent, type Torrent } from '../../peer/live/torrent.ts'
import { startTracker } from '../../tracker/live/compose.ts'

const CHUNK_BYTES = 1024 * 1024
const SAMPLE_MS = 100
const LIMIT_MS = 300_000

/** Who seeds and who fetches. */
const PAIRS = [
  ['aria2c', 'aria2c'],
  ['aria2c', 'seedbed'],
  ['seedbed', 'aria2c'],
  ['seedbed', 'seedbed'],
] as const
type Client = (typeof PAIRS)[number][number]

/** One file from one process to another over loopback. */
export interface TransferResult {
  readonly seed: Client
  readonly leech: Client
  readonly bytes: number
  /** From the start of the fetching process until it has told the tracker that the file is whole. */
  readonly seconds: number
  /** CPU time of the fetching process, and of the seed meanwhile. */
  readonly leechCpuSeconds: number
  readonly seedCpuSeconds: number
  readonly leechPeakRssBytes: number
  readonly leechMedianRssBytes: number
}

const cli = fileURLToPath(new URL('../cli.js', import.meta.url))

/** Sends a file of so many megabytes from process to process, by aria2c and by Seedbed, in each pairing, one after the other. */
export async function benchTransfers(megabytes: number): Promise<TransferResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'seedbed-transfer-'))
  try {
    const file = join(folder, 'file.bin')
    await writeRandom(file, megabytes * 1e6)
    const torrent = await makeTorrent(file, { trackers: [], webSeeds: [], chunkBytes: CHUNK_BYTES })
    const results: TransferResult[] = []
    for (const [seed, leech] of PAIRS) {
      const home = join(folder, `${seed}-${leech}`)
      results.push(await transfer(seed, leech, home, file, torrent))
      await rm(home, { recursive: true })
    }
    return results
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function transfer(
  seed: Client,
  leech: Client,
  home: string,
  file: string,
  torrent: Torrent,
): Promise<TransferResult> {
  const tracker = await startTracker({
    ...{ host: '127.0.0.1', port: 0, udpPort: null, policy: { name: 'random' } },
    settings: { announceMs: 2000 },
  })
  const running: ChildProcess[] = []
  try {
    const path = join(home, 'file.torrent')
    const folders = [join(home, 'seed'), join(home, 'leech')]
    for (const folder of folders) await mkdir(folder, { recursive: true })
    await link(file, join(folders[0], 'file.bin'))
    await writeFile(path, encodeTorrent({ ...torrent, trackers: [`${tracker.url}/announce`] }))
    const seeding = await start(seed, 'seed', path, folders[0])
    running.push(seeding)
    await until(() => tracker.tracker.swarm(torrent.infoHash)?.seeds === 1, seeding)
    const seedBefore = cpuSecondsOf(seeding)
    const startedMs = performance.now()
    const leeching = await start(leech, 'leech', path, folders[1])
    running.push(leeching)
    const watched = new Watched(leeching)
    await until(
      () => tracker.tracker.swarm(torrent.infoHash)?.completions === 1,
      leeching,
      () => watched.look(),
    )
    const { totalBytes: bytes } = torrent.manifest
    return {
      ...{ seed, leech, bytes, seconds: (performance.now() - startedMs) / 1000 },
      ...{ leechCpuSeconds: watched.cpuSeconds, seedCpuSeconds: cpuSecondsOf(seeding) - seedBefore },
      ...{ leechPeakRssBytes: watched.peakRssBytes, leechMedianRssBytes: watched.medianRssBytes },
    }
  } finally {
    for (const child of running) child.kill('SIGKILL')
    await Promise.all(running.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'close')))
    await tracker.stop()
  }
}

async function start(
  client: Client,
  role: 'seed' | 'leech',
  torrent: string,
  folder: string,
): Promise<ChildProcess> {
  const aria2 = [
    ...['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false'],
    ...['--enable-peer-exchange=false', '--disable-ipv6=true', '--file-allocation=none'],
    ...['--check-integrity=true', '--seed-ratio=0.0', '--seed-time=60', '--bt-tracker-interval=2'],
    ...[`--listen-port=${await freePort()}`, '-d', folder, torrent],
  ]
  const seedbed = ['peer', 'get', torrent, '-o', folder, '--stay', '--listen', '127.0.0.1:0']
  const [program, words] = client === 'aria2c' ? ['aria2c', aria2] : [process.execPath, [cli, ...seedbed]]
  const child = spawn(program, words, { stdio: 'ignore' })
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => {
      throw new Error(`${client} as ${role} does not start: ${String(error)} (npm run setup:system -- aria2)`)
    }),
  ])
  return child
}

/** What a process uses, as Linux tells it. */
class Watched {
  readonly #child: ChildProcess
  readonly #rssBytes: number[] = []
  cpuSeconds = 0

  constructor(child: ChildProcess) {
    this.#child = child
  }

  get peakRssBytes(): number {
    return Math.max(...this.#rssBytes)
  }

  get medianRssBytes(): number {
    return this.#rssBytes.toSorted((a, b) => a - b)[this.#rssBytes.length >>> 1]
  }

  look(): void {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    this.#rssBytes.push(1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]))
    this.cpuSeconds = cpuSecondsOf(this.#child)
  }
}

/** CPU time of a process so far; clock ticks are hundredths of a second on Linux. */
function cpuSecondsOf(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function until(isTrue: () => boolean, child: ChildProcess, look = (): void => {}): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS)
  while (!isTrue()) {
    if (child.exitCode !== null || limit.aborted)
      throw new Error(
        `${child.spawnfile} ${limit.aborted ? 'takes too long' : `ended with ${child.exitCode}`}`,
      )
    look()
    await sleep(SAMPLE_MS)
  }
}

async function writeRandom(path: string, bytes: number): Promise<void> {
  const file = createWriteStream(path)
  const block = Buffer.alloc(CHUNK_BYTES)
  for (let left = bytes; left > 0; left -= block.length) {
    randomFillSync(block)
    if (!file.write(Buffer.from(block.subarray(0, left)))) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
