import bencode from 'bencode'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseEndpoint } from '../protocol/endpoint.ts'
import { type AnnounceAnswer, type AnnounceRequest, MOST_ANNOUNCED } from './announce.ts'
import { announceHttp } from './announce-http.ts'
import { announceUdp } from './announce-udp.ts'
import { TrackerError } from './errors.ts'

const REQUEST: AnnounceRequest = {
  ...{ infoHash: 'ab'.repeat(20), peerId: 'cd'.repeat(20), port: 6881, event: 'started', wanted: 50, key: 7 },
  ...{ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 1 },
}

/** An answer that the core can be told of, whatever the tracker said. */
function expectUsable({ intervalMs, seeds, leechers, peers }: AnnounceAnswer): void {
  expect(intervalMs).toBeGreaterThanOrEqual(1_000)
  expect(intervalMs).toBeLessThanOrEqual(3_600_000)
  for (const count of [seeds, leechers]) expect(Number.isFinite(count)).toBe(true)
  expect(peers.length).toBeLessThanOrEqual(MOST_ANNOUNCED)
  for (const { address, peerId } of peers) {
    expect(parseEndpoint(address).port).toBeGreaterThan(0)
    expect(peerId ?? 'ef'.repeat(20)).toMatch(/^[0-9a-f]{40}$/)
  }
}

const number = fc.oneof(fc.integer(), fc.nat(70_000))
const leaf = fc.oneof(
  number,
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom('10.0.0.1', '::1', 'a b:c', ''),
)
const peer = fc.record({ ip: leaf, port: leaf, 'peer id': leaf }, { requiredKeys: [] })
const answer = fc.record(
  {
    ...{ interval: leaf, complete: leaf, incomplete: leaf },
    peers: fc.oneof(
      leaf,
      fc.array(fc.oneof(peer, leaf), { maxLength: 5 }),
      fc.uint8Array({ maxLength: 2000 }),
    ),
    peers6: fc.oneof(leaf, fc.uint8Array({ maxLength: 100 })),
  },
  { requiredKeys: [] },
)

describe('announces', () => {
  let server: Server
  let socket: Socket
  let body: Uint8Array = new Uint8Array()
  let packets: (transaction: number, action: number) => Uint8Array

  beforeEach(async () => {
    server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    socket = createSocket('udp4')
    socket.on('message', (message, { port, address }) =>
      socket.send(packets(message.readUInt32BE(12), message.readUInt32BE(8)), port, address),
    )
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
    socket.close()
  })

  it('over HTTP are answered with something usable, or fail with a TrackerError', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`
    const told = fc.oneof(
      answer.map((value) => bencode.encode(value)),
      fc.uint8Array({ maxLength: 60 }),
    )
    await fc.assert(
      fc.asyncProperty(told, async (bytes) => {
        body = bytes
        try {
          expectUsable(await announceHttp(url, REQUEST, new AbortController().signal, false))
        } catch (error) {
          if (!(error instanceof TrackerError)) throw error
        }
      }),
      { numRuns: 300 },
    )
  })

  it('over UDP are answered with something usable, or fail with a TrackerError', async () => {
    const url = `udp://127.0.0.1:${socket.address().port}`
    const peers = fc.uint8Array({ maxLength: 100 })
    await fc.assert(
      fc.asyncProperty(peers, fc.boolean(), async (bytes, isError) => {
        packets = (transaction, action) => {
          const head = Buffer.alloc(20)
          head.writeUInt32BE(isError ? 3 : action, 0)
          head.writeUInt32BE(transaction, 4)
          return Buffer.concat([head, bytes])
        }
        const announcing = announceUdp(url, REQUEST, new AbortController().signal)
        if (isError) await expect(announcing).rejects.toBeInstanceOf(TrackerError)
        else expectUsable(await announcing)
      }),
      { numRuns: 100 },
    )
  })
})
