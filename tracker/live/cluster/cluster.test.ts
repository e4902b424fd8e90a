import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { encode } from '../../../peer/protocol/codec.ts'
import { peerIdOf } from '../api/api.testing.ts'
import { formOf, MemoryModels, modelFiles } from '../api/stores.testing.ts'
import { bdecode } from '../bittorrent.testing.ts'
import type { TrackerServer, TrackerServerOptions } from '../compose.ts'
import { mintToken } from '../tokens.ts'
import { udpAnnounce, UdpClient } from '../udp.testing.ts'
import { wsAnnounce, WsClient, wsPeerId } from '../ws.testing.ts'
import { TestCluster } from './cluster.testing.ts'
import { shardOf } from './shard-of.ts'

const secret = Buffer.from('0123456789abcdef0123456789abcdef')
const adminToken = await mintToken(secret, { subject: 'ops', role: 'admin' }, 600)
const COUNT = 3

let cluster: TestCluster
const start = async (options?: Partial<TrackerServerOptions>): Promise<void> => {
  cluster = await TestCluster.start(COUNT, options)
}
afterEach(() => cluster.stop())

/** An info hash that this process holds. */
function hashHeldBy(index: number): string {
  for (let n = 0; ; n++) if (shardOf(peerIdOf(n), COUNT) === index) return peerIdOf(n)
}
const escaped = (hex: string): string => hex.replace(/../g, '%$&')
const announcePath = (hash: string, n: number): string =>
  `/announce?info_hash=${escaped(hash)}&peer_id=${escaped(peerIdOf(n))}&port=${7000 + n}&left=1`
const announce = ({ url }: TrackerServer, hash: string, n: number): Promise<Response> =>
  fetch(`${url}${announcePath(hash, n)}`)

describe('limits of a cluster are those of the whole', () => {
  it('for announces and for the data API', async () => {
    await start({ rateLimits: { perAddress: 12, perToken: 0, announcesPerAddress: 9 } })
    const [passed, refused]: number[][] = [[], []]
    for (let n = 0; n < 15; n++) {
      const { status } = await announce(cluster.door(n), hashHeldBy(n % 2), n)
      ;(status === 200 ? passed : refused).push(status)
    }
    expect([passed.length, refused]).toEqual([9, Array(6).fill(429)])
    const statuses: number[] = []
    for (let n = 0; n < 14; n++) {
      const response = await fetch(`${cluster.door(n).url}/v1/swarms`)
      statuses.push(response.status)
      if (n < 12) expect(response.headers.get('ratelimit-remaining')).toBe(String(11 - n))
    }
    expect(statuses).toEqual([...Array(12).fill(200), 429, 429])
  })

  it('for tokens, the false ones too', async () => {
    await start({
      rateLimits: { perAddress: 100, perToken: 4, announcesPerAddress: 0 },
      tokenKey: { kind: 'secret', secret },
    })
    const ask = async (n: number, token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(`${cluster.door(n).url}/v1/swarms`, { headers })).status
    }
    const token = await mintToken(secret, { subject: 'app', role: 'report' }, 600)
    const told: number[] = []
    for (let n = 0; n < 6; n++) told.push(await ask(n, token))
    expect(told).toEqual([200, 200, 200, 200, 429, 429])
    const wrong: number[] = []
    for (let n = 0; n < 12; n++) wrong.push(await ask(n, 'x'))
    expect(wrong).toEqual([...Array(10).fill(401), 429, 429])
  })

  it('for connections, and those of a process that has died count no more', async () => {
    await start({ maxConnectionsPerAddress: 5, maxConnections: 100 })
    const open = async (door: TrackerServer): Promise<Socket> => {
      const socket = connect(door.port, '127.0.0.1').on('error', () => undefined)
      await once(socket, 'connect')
      return socket
    }
    /** How many of seven connections are left, one after the other through the doors; all are closed then. */
    const left = async (): Promise<number> => {
      const sockets: Socket[] = []
      for (let n = 0; n < 7; n++) sockets.push(await open(cluster.door(n)))
      // Who is one too many may be heard before it is known that he is.
      await expect.poll(() => sockets.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(5)
      const count = sockets.filter(({ closed }) => !closed).length
      for (const socket of sockets) socket.destroy()
      return count
    }
    await expect.poll(left, { timeout: 5000 }).toBe(5)
    // Somebody holds all that may be held at one process, which dies.
    for (let n = 0; n < 5; n++) await open(cluster.door(1))
    await cluster.doors[1].stop()
    await cluster.replace(1)
    await expect.poll(left, { timeout: 5000 }).toBe(5)
  })
})

describe('a switch of the policy', () => {
  const models = new MemoryModels()
  const ask = async (n: number, method: string, path: string, body?: object | FormData): Promise<number> => {
    const isForm = body instanceof FormData
    const headers = {
      authorization: `Bearer ${adminToken}`,
      ...(body && !isForm && { 'content-type': 'application/json' }),
    }
    const sent = body && { body: isForm ? body : JSON.stringify(body) }
    return (await fetch(`${cluster.door(n).url}${path}`, { method, headers, ...sent })).status
  }
  const served = (): string[] =>
    cluster.doors.map(({ serving }) => `${serving.policy} ${serving.model}`.trim())

  it('holds for all processes, whichever takes it, and for those that start again', async () => {
    await start({ tokenKey: { kind: 'secret', secret }, models, policy: { name: 'least-loaded' } })
    expect(await ask(0, 'POST', '/admin/models', formOf(await modelFiles('flash')))).toBe(201)
    const [{ label }] = await models.models()
    const all = (policy: string): string[] => Array<string>(COUNT).fill(policy)
    expect(await ask(1, 'PUT', '/admin/policy', { policy: 'model', model: label })).toBe(200)
    expect(served()).toEqual(all(`model ${label}`))
    for (let index = 0; index < COUNT; index++) {
      await cluster.doors[index].stop()
      await cluster.replace(index)
      expect(served()).toEqual(all(`model ${label}`))
    }
    expect(await ask(2, 'POST', '/admin/policy/rollback')).toBe(200)
    expect(served()).toEqual(all('least-loaded'))
    const second = { policy: 'nearest', mode: 'canary', share: 1 }
    expect(await ask(0, 'PUT', '/admin/policy/second', second)).toBe(200)
    for (const { url } of cluster.doors) {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      expect(metrics).toContain('seedbed_policy_info{slot="canary",policy="nearest",version="1"} 1')
      expect(metrics).toContain('seedbed_policy_info{slot="main",policy="least-loaded",version="1"} 1')
      const map = await fetch(`${url}/v1/contents/${hashHeldBy(0)}/chunks`)
      expect(await map.json()).toMatchObject({ policy: 'nearest' })
    }
  })

  it('that one process can not make at once is made when it can', async () => {
    let isDown = false
    const store = new MemoryModels()
    const { model } = store
    store.model = (label) => (isDown ? Promise.reject(new Error('down')) : model.call(store, label))
    await start({ tokenKey: { kind: 'secret', secret }, models: store })
    await ask(0, 'POST', '/admin/models', formOf(await modelFiles('later')))
    const [{ label }] = await store.models()
    await ask(0, 'PUT', '/admin/policy', { policy: 'model', model: label })
    await cluster.doors[1].stop()
    isDown = true
    await cluster.replace(1)
    expect(served()[1]).toBe('random')
    isDown = false
    await expect.poll(() => served()[1], { timeout: 5000 }).toBe(`model ${label}`)
  })
})

it('a token that was revoked does at no process, nor at one that starts again', async () => {
  await start({ tokenKey: { kind: 'secret', secret } })
  const lost = await mintToken(secret, { subject: 'app', role: 'report' }, 600)
  const statuses = (): Promise<number[]> =>
    Promise.all(
      cluster.doors.map(async ({ url }) => {
        const headers = { authorization: `Bearer ${lost}` }
        return (await fetch(`${url}/v1/swarms`, { headers })).status
      }),
    )
  expect(await statuses()).toEqual([200, 200, 200])
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const asked = { method: 'POST', headers, body: JSON.stringify({ subject: 'app' }) }
  expect((await fetch(`${cluster.door(1).url}/admin/revocations`, asked)).status).toBe(201)
  expect(await statuses()).toEqual([401, 401, 401])
  for (let index = 0; index < COUNT; index++) {
    await cluster.doors[index].stop()
    await cluster.replace(index)
    expect(await statuses()).toEqual([401, 401, 401])
  }
  const lifted = await fetch(`${cluster.door(2).url}/admin/revocations/subject:app`, {
    method: 'DELETE',
    headers,
  })
  expect(lifted.status).toBe(200)
  expect(await statuses()).toEqual([200, 200, 200])
})

describe('while a process is down', () => {
  it('its swarms are put off over each protocol, and all others go on', async () => {
    await start()
    const [there, down] = [hashHeldBy(0), hashHeldBy(1)]
    const udp = await UdpClient.open()
    const socket = await WsClient.connect(cluster.door(0).url)
    await cluster.doors[1].stop()
    const door = cluster.door(0)
    await expect.poll(async () => (await announce(door, down, 1)).status, { timeout: 5000 }).toBe(503)
    const refused = await announce(door, down, 1)
    const why = 'a part of this tracker is starting again: try again in 2 s'
    expect([refused.headers.get('retry-after'), bdecode(Buffer.from(await refused.arrayBuffer()))]).toEqual([
      '2',
      { 'failure reason': why },
    ])
    expect((await announce(door, there, 1)).status).toBe(200)
    const scrape = `/scrape?info_hash=${escaped(there)}&info_hash=`
    expect((await fetch(`${door.url}${scrape}${escaped(down)}`)).status).toBe(503)
    expect((await fetch(`${door.url}${scrape}${escaped(hashHeldBy(2))}`)).status).toBe(200)

    const connection = await udp.connect(door.udpPort)
    const given = { peerId: peerIdOf(2), transaction: 7, left: 1n, event: 2, port: 7002 }
    const asked = async (infoHash: string): Promise<Buffer> =>
      udp.ask(door.udpPort, udpAnnounce(connection, { ...given, infoHash }))
    expect((await asked(down)).toString('utf8', 8)).toBe(why)
    expect((await asked(there)).readUInt32BE(0)).toBe(1)
    udp.close()

    const binary = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')
    socket.say(wsAnnounce(binary(down), 1))
    expect(await socket.next()).toEqual({ 'failure reason': why })
    socket.say(wsAnnounce(binary(there), 1))
    expect(await socket.next()).toMatchObject({ incomplete: 1 })

    const api = async (path: string, init?: RequestInit): Promise<unknown[]> => {
      const response = await fetch(`${door.url}${path}`, init)
      return [
        response.status,
        response.headers.get('retry-after'),
        ((await response.json()) as { error?: { code: string } }).error?.code,
      ]
    }
    const DOWN = [503, '2', 'E_SHARD_DOWN']
    expect(await api(`/v1/contents/${down}/chunks`)).toEqual(DOWN)
    expect(await api(`/v1/contents/${there}/chunks`)).toEqual([200, null, undefined])
    expect(await api('/v1/swarms')).toEqual(DOWN)
    expect(await api('/v1/peers/x', { method: 'DELETE' })).toEqual(DOWN)
    const body = Buffer.from(encode({ type: 'leave', contentId: hashOfContent(1), peerId: peerIdOf(1) }))
    const headers = { 'content-type': 'application/octet-stream' }
    expect(await api('/v1/messages', { method: 'POST', headers, body })).toEqual(DOWN)
    expect(await api('/ready')).toEqual([503, null, undefined])
    expect(await api('/health')).toEqual([200, null, undefined])
    expect(await (await fetch(`${door.url}/metrics`)).text()).toContain('seedbed_shards_up 2')

    await cluster.replace(1)
    expect((await announce(door, down, 1)).status).toBe(200)
    socket.say(wsAnnounce(binary(down), 1))
    expect(await socket.next()).toMatchObject({ incomplete: 1 })
    socket.socket.terminate()
  })

  it('clients whose sockets it held are gone from the swarms of others', async () => {
    await start()
    const binary = Buffer.from(hashHeldBy(0), 'hex').toString('latin1')
    const [mortal, other] = [
      await WsClient.connect(cluster.door(1).url),
      await WsClient.connect(cluster.door(2).url),
    ]
    mortal.say(wsAnnounce(binary, 1))
    expect(await mortal.next()).toMatchObject({ incomplete: 1 })
    await cluster.doors[1].stop()
    await cluster.replace(1)
    const swarmSize = async (): Promise<unknown> => {
      other.say(wsAnnounce(binary, 2))
      return (await other.next())['incomplete']
    }
    await expect.poll(swarmSize, { timeout: 5000 }).toBe(1)
    // Its place is free for whoever comes again.
    const again = await WsClient.connect(cluster.door(1).url)
    again.say({ ...wsAnnounce(binary, 1), peer_id: wsPeerId(1) })
    expect(await again.next()).toMatchObject({ incomplete: 2 })
    again.socket.terminate()
    other.socket.terminate()
  })
})

/** A content id that this process holds. */
function hashOfContent(index: number): string {
  for (let n = 0; ; n++) {
    const id = n.toString(16).padStart(64, '0')
    if (shardOf(id, COUNT) === index) return id
  }
}
