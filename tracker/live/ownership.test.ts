import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { decodeAll, joinFrames } from '../../peer/protocol/frames.ts'
import { encode } from '../../peer/protocol/codec.ts'
import type { Announce, Candidates, Leave, OutcomeReport } from '../../peer/protocol/messages.ts'
import { ApiHarness, peerIdOf } from './api/api.testing.ts'
import { parseAnnounceQuery } from './announce-query.ts'
import { bdecode } from './bittorrent.testing.ts'
import { parseUdp } from './udp-packets.ts'

const HASH = 'aa'.repeat(20)
const escaped = (hex: string): string => hex.replace(/../g, '%$&')
const from = (host: string) => ({ headers: { 'x-forwarded-for': host } })
const VICTIM = '192.0.2.1'
const EVIL = '203.0.113.66'

let api: ApiHarness
beforeEach(async () => {
  api = await ApiHarness.start({ trustedProxies: 1, udpPort: 0 })
})
afterEach(() => api.stop())

const members = (content = HASH): string[] =>
  [...(api.server.tracker.swarm(content)?.members() ?? [])].map(({ address }) => address)

describe('members of a swarm', () => {
  const announce = async (host: string, more: string, peer = 1): Promise<Record<string, unknown>> => {
    const path = `/announce?info_hash=${escaped(HASH)}&peer_id=${escaped(peerIdOf(peer))}&uploaded=0&downloaded=0&left=9&${more}`
    return bdecode((await api.ask(path, from(host))).bytes) as Record<string, unknown>
  }

  it('over HTTP can not be moved, changed or removed by who only knows their peer id', async () => {
    await announce(VICTIM, 'port=4001&key=CAFEBABE')
    for (const lie of [
      '',
      '&key=',
      '&key=CAFEBABF',
      '&key=0',
      '&event=stopped',
      '&event=stopped&key=1',
      '&left=0',
    ])
      await announce(EVIL, `port=666${lie}`)
    const [victim] = api.server.tracker.swarm(HASH)!.members()
    expect([victim.address, victim.chunks.isFull]).toEqual([`${VICTIM}:4001`, false])
    const { peers } = await announce('198.51.100.5', 'port=5&compact=0', 2)
    expect(peers).toEqual([
      { ip: VICTIM, port: 4001, 'peer id': Buffer.from(peerIdOf(1), 'hex').toString('latin1') },
    ])
    await announce(EVIL, 'port=666&event=stopped')
    expect(members()).toEqual([`${VICTIM}:4001`, '198.51.100.5:5'])
  })

  it('over HTTP may move with their key, or go by themselves, and without a key nobody is locked out', async () => {
    await announce(VICTIM, 'port=4001&key=CAFEBABE')
    await announce('198.51.100.9', 'port=4001&key=cafebabe')
    expect(members()).toEqual(['198.51.100.9:4001'])
    await announce('198.51.100.10', 'port=4001&key=cafebabe&event=stopped')
    await announce(VICTIM, 'port=4001')
    const { peers } = await announce('198.51.100.9', 'port=4001')
    expect((peers as string).length).toBe(6)
    expect(members()).toEqual([`${VICTIM}:4001`, '198.51.100.9:4001'])
  })

  it('at the addresses of one /64 are at one place', async () => {
    await announce('2001:db8::1', 'port=4001')
    await announce('2001:db8::2', 'port=4001')
    await announce('2001:db8:0:1::2', 'port=4001')
    expect(members()).toEqual(['[2001:db8::2]:4001', '[2001:db8:0:1::2]:4001'])
  })
})

describe('members over UDP', () => {
  const sockets: Socket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close()
  })

  async function client(host: string) {
    const socket = createSocket('udp4')
    sockets.push(socket)
    socket.bind(0, host)
    await once(socket, 'listening')
    const ask = async (packet: Buffer): Promise<Buffer> => {
      const answer = once(socket, 'message') as Promise<[Buffer]>
      socket.send(packet, api.server.udpPort, '127.0.0.1')
      return (await answer)[0]
    }
    const connection = (await ask(Buffer.from('00000417271019800000000000000007', 'hex'))).subarray(8)
    return async (port: number, key: number, event = 0): Promise<void> => {
      const packet = Buffer.alloc(98)
      connection.copy(packet)
      packet.writeUInt32BE(1, 8)
      packet.write(HASH, 16, 'hex')
      packet.write(peerIdOf(1), 36, 'hex')
      packet.writeBigUInt64BE(9n, 64)
      packet.writeUInt32BE(event, 80)
      packet.writeUInt32BE(key, 88)
      packet.writeUInt16BE(port, 96)
      expect((await ask(packet)).readUInt32BE(0)).toBe(1)
    }
  }

  it('can not be moved or removed by who only knows their peer id, and may move with their key', async () => {
    const [victim, evil, moved] = [
      await client('127.0.0.1'),
      await client('127.0.0.2'),
      await client('127.0.0.3'),
    ]
    await victim(4001, 0xcafebabe)
    await evil(666, 0)
    await evil(666, 1)
    await evil(666, 1, 3)
    expect(members()).toEqual(['127.0.0.1:4001'])
    await evil(666, 0, 2)
    expect(members()).toEqual(['127.0.0.1:4001', '127.0.0.2:666'])
    await moved(4001, 0xcafebabe)
    expect(members()).toEqual(['127.0.0.3:4001', '127.0.0.2:666'])
  })
})

describe('members through messages of Seedbed', () => {
  const CONTENT = 'c'.repeat(64)
  const announceOf = (number: number, port: number): Announce => ({
    ...{ type: 'announce', contentId: CONTENT, peerId: peerIdOf(number), address: `x:${port}`, region: '' },
    ...{ event: 'started', isOrigin: false, uploadSlots: 4, active: 0, queued: 0 },
    ...{ uploadedBytes: 0, downloadedBytes: 0, chunks: new ChunkSet(4), wanted: 9 },
  })
  const leave: Leave = { type: 'leave', contentId: CONTENT, peerId: peerIdOf(1) }
  const post = async (
    host: string,
    ...messages: (Announce | Leave | OutcomeReport)[]
  ): Promise<Candidates[]> => {
    const body = Buffer.from(joinFrames(messages.map(encode)))
    const headers = { 'content-type': 'application/octet-stream', ...from(host).headers }
    return decodeAll((await api.ask('/v1/messages', { body, headers })).bytes) as Candidates[]
  }

  it('can not be moved, removed or spoken for by who only knows their peer id', async () => {
    await post(VICTIM, announceOf(1, 4001))
    await post('198.51.100.2', announceOf(2, 4002))
    const reports = [{ seedId: peerIdOf(2), result: 'timeout', bytes: 0, durationMs: 1 }] as const
    await post(EVIL, leave, { type: 'report', contentId: CONTENT, peerId: peerIdOf(1), reports })
    const [, reported] = api.server.tracker.swarm(CONTENT)!.members()
    expect(reported.successShare).toBeNaN()
    const [answer] = await post(EVIL, announceOf(1, 666))
    expect(answer.candidates.map(({ address }) => address)).toContain('198.51.100.2:4002')
    const [others] = await post('198.51.100.2', announceOf(2, 4002))
    expect(others.candidates.map(({ address }) => address)).toEqual([`${VICTIM}:4001`])
    await post(EVIL, leave)
    expect(members(CONTENT)).toEqual([`${VICTIM}:4001`, '198.51.100.2:4002'])
    await post(VICTIM, { type: 'report', contentId: CONTENT, peerId: peerIdOf(1), reports })
    expect(reported.successShare).toBe(0)
    await post(VICTIM, leave)
    expect(members(CONTENT)).toEqual(['198.51.100.2:4002'])
  })
})

describe('keys that a peer id tells', () => {
  it('are none: aria2 sends the end of its peer id', () => {
    const query = (key: string): number =>
      parseAnnounceQuery(
        `info_hash=${escaped(HASH)}&peer_id=A2-1-36-0-F%1F%83%E3%3B%3Fz%CAq%1B&port=1&key=${key}`,
        VICTIM,
      ).key
    expect(['%83%E3%3B%3Fz%CAq%1B', 'A2-1-36-0', '', 'x'.repeat(97)].map(query)).toEqual([0, 0, 0, 0])
    expect(['863B10F0', '863b10f0', '1', '%83%E3%3B%3Fz%CAq%1C'].map(query)).toEqual([
      ...[0x863b10f0 | 0, 0x863b10f0 | 0, 1],
      expect.any(Number),
    ])
    expect(query('%83%E3%3B%3Fz%CAq%1C')).not.toBe(0)
  })

  it('are none over UDP either', () => {
    const packet = Buffer.alloc(98)
    packet.writeUInt32BE(1, 8)
    packet.write('0102030405060708090a0b0c0d0e0f1011121314', 36, 'hex')
    packet.writeUInt16BE(1, 96)
    const keyOf = (key: number): number => {
      packet.writeUInt32BE(key, 88)
      return (parseUdp(packet, VICTIM) as { key: number }).key
    }
    expect([0x01020304, 0x11121314, 0x0b0c0d0e].map(keyOf)).toEqual([0, 0, 0])
    expect(keyOf(0x01020305)).toBe(0x01020305)
  })
})
