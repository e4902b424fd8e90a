import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { parseEndpoint } from '../protocol/endpoint.ts'
import { MessageLengths } from './message-lengths.ts'
import { makeContent, type WirePeer, WireWorld } from './wire-world.testing.ts'

const { data, manifest } = makeContent(300_000, 65_536)

const u32 = fc.oneof(fc.nat(6), fc.integer({ min: 0, max: 0xffffffff }))
const words = (id: number, count: number) =>
  fc.array(u32, { minLength: count, maxLength: count }).map((values) => {
    const bytes = Buffer.alloc(1 + 4 * count)
    bytes[0] = id
    values.forEach((value, i) => bytes.writeUInt32BE(value, 1 + 4 * i))
    return bytes
  })
const extended = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.oneof(fc.uint8Array({ maxLength: 60 }), bencodedText()))
  .map(([id, payload]) => Buffer.concat([Buffer.from([20, id]), payload]))
/** Bodies of messages, well-formed and not: all types, with the numbers that matter most. */
const body = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 14, 15).map((id) => Buffer.from([id])),
  words(4, 1),
  words(6, 3),
  words(8, 3),
  words(16, 3),
  words(17, 1),
  words(7, 2),
  extended,
  fc.uint8Array({ maxLength: 40 }).map((bits) => Buffer.concat([Buffer.from([5]), bits])),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
)

function bencodedText() {
  return fc
    .constantFrom(
      'de',
      'd1:md7:seedbedi1eee',
      'd1:md7:seedbedi1e11:ut_metadatai2eee',
      'd1:md8:toStringi1eee',
      'd1:ai1e1:qi2ee',
      'd1:ai999e1:qi2ee',
      'd1:gll20:aaaaaaaaaaaaaaaaaaaai0ei5ei5eeee',
      'd1:gli5eee',
      'd8:msg_typei0e5:piecei0ee',
      'd8:msg_typei0e5:piecei-9ee',
      'd4:reqqi0e1:pi70000ee',
      '',
    )
    .map((text) => Buffer.from(text))
}

const framed = (bytes: Uint8Array): Buffer => {
  const prefix = Buffer.alloc(4)
  prefix.writeUInt32BE(bytes.length)
  return Buffer.concat([prefix, bytes])
}

describe('a peer of BitTorrent', () => {
  let world: WireWorld
  let seed: WirePeer

  beforeEach(async () => {
    world = new WireWorld()
    seed = await world.peer(manifest, data)
  })
  afterEach(() => world.dispose())

  const stranger = async (): Promise<Socket> => {
    const socket = connect(parseEndpoint(seed.address))
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const handshake = (infoHash = manifest.contentId): Buffer =>
    Buffer.concat([
      Buffer.from([19]),
      Buffer.from('BitTorrent protocol'),
      Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 4]),
      Buffer.from(infoHash, 'hex'),
      Buffer.from('-XX0000-abcdefghijkl'),
    ])
  /** Sends bytes, and waits until the peer has ended the connection or has read them all. */
  const send = async (bytes: Uint8Array): Promise<void> => {
    const socket = await stranger()
    socket.resume()
    socket.end(bytes)
    await once(socket, 'close')
  }

  it('bears whatever others send, and goes on to serve', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 12 }), fc.boolean(), async (bodies, isGreeted) => {
        await send(Buffer.concat([...(isGreeted ? [handshake()] : []), ...bodies.map(framed)]))
      }),
      { numRuns: 300 },
    )
    const getter = await world.peer(manifest)
    getter.peer.meet(seed.peerId, seed.address)
    await getter.complete
    expect(Buffer.compare(getter.store.data, data)).toBe(0)
    await expect.poll(() => seed.host.connectionCount).toBe(0)
  })

  it.for<[string, () => Buffer]>([
    ['a message that is too long', () => Buffer.concat([handshake(), Buffer.from([0x7f, 0, 0, 0])])],
    ['a torrent that is not shared', () => handshake('ab'.repeat(20))],
    ['another protocol', () => Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('ends a connection on %s', async ([, bytes]) => {
    const socket = await stranger()
    socket.resume()
    socket.write(bytes())
    await once(socket, 'close')
    await expect.poll(() => seed.host.connectionCount).toBe(0)
  })
})

describe('MessageLengths', () => {
  it('takes a stream or not, however it is cut', async () => {
    const stream = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 })
    await fuzz(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 30 })), (sizes, cuts) => {
        const bytes = Buffer.concat([Buffer.alloc(68), ...sizes.map((size) => framed(Buffer.alloc(size)))])
        const lengths = new MessageLengths(32)
        let isTaken = true
        for (let at = 0, i = 0; at < bytes.length && isTaken; i++) {
          const size = cuts[i % Math.max(1, cuts.length)] ?? bytes.length
          isTaken = lengths.accepts(bytes.subarray(at, at + size))
          at += size
        }
        expect(isTaken).toBe(sizes.every((size) => size <= 32))
      }),
      100,
    )
  })
})
