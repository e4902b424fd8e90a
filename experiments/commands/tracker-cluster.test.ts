import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readAll } from '../../peer/ports/outcome-store.contract.ts'
import { type RunningClient, startClient, untilWhole } from '../../tools/testing/bittorrent-clients.ts'
import { requireSystem } from '../../tools/testing/system.ts'
import { bdecode, makeTorrent, type TestTorrent } from '../../tracker/live/bittorrent.testing.ts'
import { shardOf } from '../../tracker/live/cluster/shard-of.ts'
import { mintToken } from '../../tracker/live/tokens.ts'
import { udpAnnounce, UdpClient } from '../../tracker/live/udp.testing.ts'
import { wsAnnounce, WsClient, wsPeerId } from '../../tracker/live/ws.testing.ts'
import { runCli, startCli } from '../cli.testing.ts'
import { openStore } from '../store/open-store.ts'

const LIMIT_MS = 40_000
const COUNT = 2
const secret = 'a secret that is long enough to sign tokens with'

let folder: string
const running: ReturnType<typeof startCli>[] = []
const clients: RunningClient[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-cluster-test-'))
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()))
  for (const child of running.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

interface LogLine {
  readonly msg: string
  readonly pid: number
  readonly worker?: number
  readonly announces?: number
}

/** A cluster as its user starts it. */
async function startCluster(...words: string[]) {
  const child = startCli(
    ['tracker', '--cluster', String(COUNT), '--port', '0', '--udp-port', '0', '--json', ...words],
    folder,
  )
  running.push(child)
  const log: LogLine[] = []
  createInterface(child.stderr!).on('line', (line) => log.push(JSON.parse(line) as LogLine))
  const exited = once(child, 'exit')
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  const told = JSON.parse(line) as { url: string; udpPort: number; cluster: number }
  const pidOf = (worker: number): number =>
    log.findLast((one) => one.msg === 'tracker is up' && one.worker === worker)!.pid
  return { ...told, child, log, exited, pidOf }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const peerId = (n: number): string => n.toString(16).padStart(40, '0')
const escaped = (hex: string): string => hex.replace(/../g, '%$&')
const binary = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')

/** Info hashes, `each` of every process. */
function hashes(each: number): string[] {
  const found = Array.from({ length: COUNT }, (): string[] => [])
  for (let n = 0; found.some((some) => some.length < each); n++) {
    const hash = createHash('sha1').update(`${n}`).digest('hex')
    const some = found[shardOf(hash, COUNT)]
    if (some.length < each) some.push(hash)
  }
  return found.flat()
}

async function announce(
  url: string,
  hash: string,
  n: number,
): Promise<{ status: number; reply: Record<string, unknown> }> {
  const given = `info_hash=${escaped(hash)}&peer_id=${escaped(peerId(n))}&port=${7000 + n}&left=1`
  // A connection each, so that every process takes some.
  const response = await fetch(`${url}/announce?${given}`, { headers: { connection: 'close' } })
  const reply = bdecode(Buffer.from(await response.arrayBuffer())) as Record<string, unknown>
  return { status: response.status, reply }
}

const json = async (url: string, path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`${url}${path}`)).json()) as Record<string, unknown>

it(
  'spreads swarms over processes and answers for all of them, over every protocol, until it is stopped',
  { timeout: LIMIT_MS },
  async () => {
    const { url, udpPort, cluster, child, log, exited, pidOf } = await startCluster()
    expect(cluster).toBe(COUNT)
    expect(await json(url, '/ready')).toEqual({ status: 'ready', shards: { up: COUNT, all: COUNT } })
    const torrents = hashes(3)
    for (let n = 0; n < 3 * COUNT; n++)
      for (const [i, hash] of torrents.entries()) {
        const { reply } = await announce(url, hash, n)
        expect([i, reply['incomplete']]).toEqual([i, n + 1])
      }
    const udp = await UdpClient.open()
    for (const [i, infoHash] of torrents.entries()) {
      const given = { infoHash, peerId: peerId(100 + i), transaction: i, left: 1n, event: 2, port: 8000 }
      const answer = await udp.ask(udpPort, udpAnnounce(await udp.connect(udpPort), given))
      expect([answer.readUInt32BE(0), answer.readUInt32BE(12)]).toEqual([1, 3 * COUNT + 1])
    }
    udp.close()
    // Wherever their sockets are, one of the swarms is elsewhere.
    const sockets = [await WsClient.connect(url), await WsClient.connect(url)]
    for (const hash of torrents) {
      sockets[0].say(wsAnnounce(binary(hash), 1))
      await sockets[0].next()
      sockets[1].say(wsAnnounce(binary(hash), 2, 1))
      expect(await sockets[1].next()).toMatchObject({ incomplete: 2 })
      expect(await sockets[0].next()).toMatchObject({ offer_id: '2-0', peer_id: wsPeerId(2) })
      const ids = { info_hash: binary(hash), peer_id: wsPeerId(1), to_peer_id: wsPeerId(2), offer_id: '2-0' }
      sockets[0].say({ action: 'announce', ...ids, answer: { type: 'answer', sdp: 'yes' } })
      expect(await sockets[1].next()).toMatchObject({ answer: { sdp: 'yes' }, peer_id: wsPeerId(1) })
    }
    const announces = torrents.length * (3 * COUNT + 3)
    expect(await json(url, '/v1/swarms')).toMatchObject({ swarms: 2 * torrents.length, announces })
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain(
      `seedbed_announces_total{protocol="http",result="ok"} ${torrents.length * 3 * COUNT}`,
    )
    expect(metrics).toContain(`seedbed_peers ${announces}`)
    expect(metrics).toMatch(/^process_cpu_seconds_total /m)

    // A terminal tells all processes: only the primary heeds it.
    for (let worker = 0; worker < COUNT; worker++) process.kill(pidOf(worker), 'SIGINT')
    expect(await json(url, '/health')).toMatchObject({ status: 'ok' })
    const pids = [0, 1].map(pidOf)
    child.kill('SIGINT')
    expect(await exited).toEqual([0, null])
    const ends = log.filter(({ msg }) => msg === 'tracker has stopped')
    expect(ends.map(({ worker }) => worker).sort()).toEqual([0, 1])
    for (const end of ends) expect(end.announces).toBe(announces / COUNT)
    expect(pids.filter(isAlive)).toEqual([])
    expect(log.at(-1)?.msg).toBe('cluster has stopped')
    for (const { socket } of sockets) socket.terminate()
  },
)

it(
  'loses no acknowledged outcome and no switch when a process is killed under load, and the others go on',
  { timeout: LIMIT_MS },
  async () => {
    writeFileSync(join(folder, 'secret'), secret)
    const store = join(folder, 'store')
    const { url, child, exited, pidOf, log } = await startCluster(
      '--store',
      store,
      '--auth-secret-file',
      'secret',
      '--api-limit',
      '0',
      '--token-limit',
      '0',
      '--announce-limit',
      '0',
    )
    const token = await mintToken(Buffer.from(secret), { subject: 'ops', role: 'admin' }, 600)
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      connection: 'close',
    }
    const ask = (path: string, method: string, body?: object): Promise<Response> =>
      fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    expect((await ask('/admin/policy', 'PUT', { policy: 'nearest' })).status).toBe(200)

    const torrents = hashes(2)
    const acknowledged: string[] = []
    let isOver = false
    let putOff = 0
    /** Reports outcome after outcome, each until it is acknowledged. */
    const report = async (content: string, reporter: number): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const outcomes = [{ chunk: 0, seed: peerId(1), result: 'ok', bytes: 1000, durationMs: 10 }]
        const body = { report: `report-${reporter}-${n}`, content, peer: peerId(50 + reporter), outcomes }
        while (!isOver) {
          const status = await ask('/v1/outcomes', 'POST', body).then(
            (response) => response.status,
            () => 0,
          )
          if (status === 200) {
            acknowledged.push(body.report)
            break
          }
          expect([0, 503]).toContain(status)
          putOff++
        }
      }
    }
    const load = torrents.map((hash, reporter) => report(hash, reporter))
    await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(40)
    for (const hash of torrents) await announce(url, hash, 1)

    const victim = pidOf(0)
    process.kill(victim, 'SIGKILL')
    const lives = torrents.filter((hash) => shardOf(hash, COUNT) === 1)
    const dead = torrents.filter((hash) => shardOf(hash, COUNT) === 0)
    await expect.poll(async () => (await announce(url, dead[0], 2)).status, { timeout: 5000 }).toBe(503)
    for (const hash of lives)
      expect(await announce(url, hash, 2)).toMatchObject({ status: 200, reply: { incomplete: 2 } })
    await expect.poll(() => pidOf(0), { timeout: 15_000 }).not.toBe(victim)
    await expect
      .poll(async () => (await announce(url, dead[0], 2)).reply['incomplete'], { timeout: 5000 })
      .toBe(1)
    // It remembers nothing of its swarms, and ranks as the others do.
    const map = await json(url, `/v1/contents/${dead[0]}/chunks`)
    expect(map).toMatchObject({ policy: 'nearest' })
    const before = acknowledged.length
    await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(before + 40)
    // It is told to stop while outcomes come in.
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    isOver = true
    await Promise.all(load)
    expect(putOff).toBeGreaterThan(0)
    expect(log.filter(({ msg }) => msg === 'worker has died, and starts again')).toHaveLength(1)
    const opened = await openStore(store)
    const kept = (await readAll(opened.outcomes))
      .map(({ runId }) => runId.split(':').at(-1)!)
      .filter((name) => name.startsWith('report-'))
    await opened.close()
    // What was under way at the kill may be kept though nobody was told; nothing is kept twice.
    expect(new Set(kept).size).toBe(kept.length)
    expect(acknowledged.filter((name) => !kept.includes(name))).toEqual([])
  },
)

it(
  'says that its port is taken, serves unmodified clients, and leaves nothing behind when its primary is killed',
  { timeout: LIMIT_MS },
  async (context) => {
    const program = requireSystem('aria2', context)
    const { url, child, exited, pidOf } = await startCluster('--announce-interval', '1')
    const port = new URL(url).port
    const taken = await runCli(['tracker', '--cluster', '2', '--port', port, '--no-udp'], folder)
    expect([taken.status, taken.stdout]).toEqual([1, ''])
    expect(taken.stderr).toMatch(new RegExp(`^seedbed: invalid port: ${port} .*in use`, 'm'))

    const download = async (torrent: TestTorrent): Promise<void> => {
      const path = join(folder, `${torrent.infoHash}.torrent`)
      writeFileSync(path, torrent.metainfo(`${url}/announce`))
      const start = async (
        role: string,
        content?: { name: string; data: Uint8Array },
      ): Promise<RunningClient> => {
        const home = join(folder, `${torrent.infoHash}-${role}`)
        mkdirSync(home)
        const client = await startClient('aria2c', program, {
          home,
          torrent: path,
          ...(content && { content }),
        })
        clients.push(client)
        return client
      }
      await start('seed', { name: torrent.name, data: torrent.content })
      const isThere = async (): Promise<number> =>
        (await fetch(`${url}/v1/swarms/${torrent.infoHash}`)).status
      await expect.poll(isThere, { timeout: LIMIT_MS }).toBe(200)
      const hash = createHash('sha1').update(torrent.content).digest('hex')
      await untilWhole(await start('fetch'), torrent.name, hash, AbortSignal.timeout(LIMIT_MS))
    }
    await Promise.all(torrentsOfAll().map(download))

    const pids = [0, 1].map(pidOf)
    child.kill('SIGKILL')
    expect(await exited).toEqual([null, 'SIGKILL'])
    await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([])
    await expect(fetch(`${url}/health`)).rejects.toThrow()
  },
)

/** A torrent for each process to hold the swarm of. */
function torrentsOfAll(): TestTorrent[] {
  const held: TestTorrent[] = []
  while (held.filter(Boolean).length < COUNT) {
    const torrent = makeTorrent(2_000_000)
    held[shardOf(torrent.infoHash, COUNT)] = torrent
  }
  return held
}
