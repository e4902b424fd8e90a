import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTracker, type TrackerServer } from './compose.ts'
import { bdecode } from './bittorrent.testing.ts'
import { udpAnnounce, UdpClient, udpScrape } from './udp.testing.ts'

const HASH = 'aa'.repeat(20)
const peerId = (n: number): string => n.toString(16).padStart(40, '0')
const escaped = (hex: string): string => hex.replace(/../g, '%$&')

let tracker: TrackerServer

beforeEach(async () => {
  tracker = await startTracker({
    host: '127.0.0.1',
    port: 0,
    udpPort: 0,
    policy: { name: 'random' },
    seed: 's',
  })
})
afterEach(() => tracker.stop())

async function http(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${tracker.url}${path}`)
  expect(response.status).toBe(200)
  return bdecode(Buffer.from(await response.arrayBuffer())) as Record<string, unknown>
}

const announce = (n: number, more = 'left=10'): Promise<Record<string, unknown>> =>
  http(
    `/announce?info_hash=${escaped(HASH)}&peer_id=${escaped(peerId(n))}&port=${7000 + n}&uploaded=0&downloaded=0&${more}`,
  )

const ports = (peers: unknown): number[] => {
  const bytes = Buffer.from(peers as string, 'latin1')
  return Array.from({ length: bytes.length / 6 }, (_, i) => bytes.readUInt16BE(6 * i + 4)).sort()
}

describe('announces over HTTP', () => {
  it('name the others, in compact form unless a client wants a list', async () => {
    await announce(1, 'left=0&event=completed')
    await announce(2)
    const compact = await announce(3)
    expect(compact).toMatchObject({ complete: 1, incomplete: 2, interval: 30 })
    expect(ports(compact['peers'])).toEqual([7001, 7002])
    const { peers } = await announce(3, 'left=10&compact=0')
    expect(peers).toEqual(
      expect.arrayContaining([
        { ip: '127.0.0.1', 'peer id': Buffer.from(peerId(1), 'hex').toString('latin1'), port: 7001 },
      ]),
    )
    expect((await announce(3, 'left=10&compact=0&no_peer_id=1'))['peers']).toContainEqual({
      ip: '127.0.0.1',
      port: 7002,
    })
  })

  it('name as many as are wanted, seeds to nobody that has everything, and nobody that has stopped', async () => {
    for (let n = 1; n <= 5; n++) await announce(n, n <= 2 ? 'left=0' : 'left=5')
    expect(ports((await announce(9, 'left=10&numwant=3'))['peers'])).toHaveLength(3)
    expect(ports((await announce(9, 'left=10&numwant=0'))['peers'])).toHaveLength(0)
    expect(ports((await announce(2, 'left=0'))['peers'])).toEqual([7003, 7004, 7005, 7009])
    await announce(5, 'left=5&event=stopped')
    expect(ports((await announce(9))['peers'])).toEqual([7001, 7002, 7003, 7004])
  })

  it('are refused in words where something is wrong', async () => {
    expect(await http('/announce?port=1')).toEqual({
      'failure reason': 'invalid info_hash: 20 bytes expected',
    })
    expect(await http(`/announce?info_hash=${escaped(HASH)}&peer_id=${escaped(HASH)}&port=0`)).toEqual({
      'failure reason': 'invalid port: "0" (1 to 65535)',
    })
    expect(await http(`/announce?${'x'.repeat(9000)}`)).toEqual({
      'failure reason': 'query too long: 9000 characters (at most 8192)',
    })
    expect((await fetch(`${tracker.url}/announce`, { method: 'POST' })).status).toBe(405)
  })

  it('do not believe what a client says of its own address', async () => {
    await announce(1, 'left=10&ip=10.1.2.3')
    const { peers } = await announce(2, 'left=10&compact=0')
    expect(peers).toMatchObject([{ ip: '127.0.0.1' }])
  })

  it('can be followed by a scrape', async () => {
    await announce(1)
    await announce(1, 'left=0&event=completed')
    await announce(2)
    const key = Buffer.from(HASH, 'hex').toString('latin1')
    expect(await http(`/scrape?info_hash=${escaped(HASH)}`)).toEqual({
      files: { [key]: { complete: 1, downloaded: 1, incomplete: 1 } },
    })
    expect(await http('/scrape')).toHaveProperty('failure reason')
  })
})

describe('announces over UDP', () => {
  let client: UdpClient
  beforeEach(async () => {
    client = await UdpClient.open()
  })
  afterEach(() => client.close())

  const ask = (packet: Buffer): Promise<Buffer> => client.ask(tracker.udpPort, packet)
  const connect = (): Promise<Buffer> => client.connect(tracker.udpPort)
  const announcePacket = (connection: Buffer, n: number, left: bigint, event: number): Buffer =>
    udpAnnounce(connection, {
      ...{ infoHash: HASH, peerId: peerId(n), transaction: n, left, event, port: 7000 + n },
    })

  it('share the swarm with those over HTTP', async () => {
    await announce(1, 'left=0')
    const answer = await ask(announcePacket(await connect(), 2, 10n, 2))
    expect([0, 4, 8, 12, 16].map((at) => answer.readUInt32BE(at))).toEqual([1, 2, 30, 1, 1])
    expect(answer.subarray(20)).toEqual(Buffer.from([127, 0, 0, 1, 7001 >> 8, 7001 & 255]))
    expect(ports((await announce(3))['peers'])).toEqual([7001, 7002])
    const scrape = await ask(udpScrape(await connect(), 9, [HASH]))
    expect([0, 4, 8, 12, 16].map((at) => scrape.readUInt32BE(at))).toEqual([2, 9, 1, 0, 2])
    const metrics = await (await fetch(`${tracker.url}/metrics`)).text()
    expect(metrics).toContain('seedbed_announces_total{protocol="udp",result="ok"} 1')
    expect(metrics).toContain('seedbed_announces_total{protocol="http",result="ok"} 2')
    expect(metrics).toContain('seedbed_scrapes_total{protocol="udp"} 1')
  })

  it('need a connection id of their own', async () => {
    const answer = await ask(announcePacket(Buffer.alloc(8, 1), 2, 10n, 2))
    expect(answer.readUInt32BE(0)).toBe(3)
    expect(answer.toString('utf8', 8)).toBe('connection id expired')
    expect(tracker.tracker.announces).toBe(0)
  })

  it('get no answer that is larger than the request before they have shown where they are', async () => {
    expect((await connect()).length + 8).toBe(16)
    const packet = announcePacket(Buffer.alloc(8), 1, 1n, 0)
    expect((await ask(packet)).length).toBeLessThan(packet.length)
  })
})
