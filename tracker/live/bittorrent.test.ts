import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTracker, type TrackerServer } from './compose.ts'
import { bdecode } from './bittorrent.testing.ts'

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
  let socket: Socket
  beforeEach(async () => {
    socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  })
  afterEach(() => void socket.close())

  async function ask(packet: Buffer): Promise<Buffer> {
    const answer = once(socket, 'message') as Promise<[Buffer]>
    socket.send(packet, tracker.udpPort, '127.0.0.1')
    return (await answer)[0]
  }

  async function connect(): Promise<Buffer> {
    const answer = await ask(Buffer.from('00000417271019800000000000000007', 'hex'))
    expect(answer.subarray(0, 8)).toEqual(Buffer.from('0000000000000007', 'hex'))
    return answer.subarray(8)
  }

  function announcePacket(connection: Buffer, n: number, left: bigint, event: number): Buffer {
    const packet = Buffer.alloc(98)
    connection.copy(packet)
    packet.writeUInt32BE(1, 8)
    packet.writeUInt32BE(n, 12)
    packet.write(HASH, 16, 'hex')
    packet.write(peerId(n), 36, 'hex')
    packet.writeBigUInt64BE(left, 64)
    packet.writeUInt32BE(event, 80)
    packet.writeInt32BE(-1, 92)
    packet.writeUInt16BE(7000 + n, 96)
    return packet
  }

  it('share the swarm with those over HTTP', async () => {
    await announce(1, 'left=0')
    const answer = await ask(announcePacket(await connect(), 2, 10n, 2))
    expect([0, 4, 8, 12, 16].map((at) => answer.readUInt32BE(at))).toEqual([1, 2, 30, 1, 1])
    expect(answer.subarray(20)).toEqual(Buffer.from([127, 0, 0, 1, 7001 >> 8, 7001 & 255]))
    expect(ports((await announce(3))['peers'])).toEqual([7001, 7002])
    const scrape = await ask(Buffer.concat([await connect(), Buffer.from(`0000000200000009${HASH}`, 'hex')]))
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
