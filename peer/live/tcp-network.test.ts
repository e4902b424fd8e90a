import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encode } from '../protocol/codec.ts'
import { parseEndpoint } from '../protocol/endpoint.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChunkHeader } from '../protocol/messages.ts'
import { SEGMENT_BYTES } from '../protocol/segments.ts'
import { networkContract } from '../ports/network.contract.ts'
import { EventHandler } from './events.testing.ts'
import type { TcpNetwork } from './tcp-network.ts'
import type { TcpLimits } from './tcp-options.ts'
import { TcpWorld } from './tcp-world.testing.ts'

networkContract('TcpNetwork', () => new TcpWorld())

const header = (requestId: number, bytes: number): ChunkHeader => ({
  type: 'chunk',
  requestId,
  chunk: 0,
  bytes,
  active: 0,
  queued: 0,
})

describe('TcpNetwork', () => {
  let world: TcpWorld
  let network: TcpNetwork
  let handler: EventHandler
  let address: string

  const start = async (limits: Partial<TcpLimits> = {}): Promise<void> => {
    world = new TcpWorld(limits)
    ;({ network, address } = await world.node())
    handler = new EventHandler()
    network.attach(handler)
  }
  /** A stranger that speaks bytes. */
  const dial = async (): Promise<Socket> => {
    const socket = connect(parseEndpoint(address))
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }

  beforeEach(() => start())
  afterEach(() => world.dispose())

  it('drops links that send garbage, and lives on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (garbage) => {
        const gone = handler.next('down')
        const socket = await dial()
        socket.end(garbage)
        const [, reason] = await gone
        expect(['protocol', 'lost', 'closed']).toContain(reason)
        socket.destroy()
      }),
      { numRuns: 100 },
    )
    expect(network.linkCount).toBe(0)
    const up = handler.next('up')
    await dial()
    expect((await up)[1]).toBe(true)
  })

  it('names a broken rule', async () => {
    const gone = handler.next('down')
    const socket = await dial()
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x00]))
    expect((await gone)[1]).toBe('protocol')
    await once(socket.resume(), 'close')
  })

  it('takes no more announced chunks than its memory is meant for', async () => {
    await world.dispose()
    await start({ receiveBytes: 4 * LIMITS.chunkBytes })
    const gone = handler.next('down')
    const socket = await dial()
    for (let id = 0; id < 5; id++) socket.write(encode(header(id, LIMITS.chunkBytes)))
    expect((await gone)[1]).toBe('protocol')
    expect(handler.log.filter((kind) => kind === 'begins')).toHaveLength(4)
  })

  it('hands the socket no more than its buffer while the other side does not read', async () => {
    const bytes = LIMITS.chunkBytes
    const up = handler.next('up')
    const socket = await dial()
    const [link] = await up
    for (const requestId of [1, 2]) network.sendChunk(link, header(requestId, bytes), world.body(bytes))
    const accepted = world.accepted.at(-1)!
    // The kernel's buffers fill first.
    while (accepted.writableLength === 0) await setImmediate()
    expect(accepted.writableLength).toBeLessThanOrEqual(256 * 1024 + 2 * SEGMENT_BYTES)
    expect(handler.log).toEqual(['up'])
    const sent = handler.next('sent')
    socket.resume()
    expect((await sent)[2]).toBe(true)
  })

  it('lets control messages and other chunks overtake a large chunk', async () => {
    const there = await world.node()
    const far = new EventHandler()
    there.network.attach(far)
    const up = handler.next('up')
    const link = network.connect(there.address)
    await up
    const bytes = 8 * 1024 * 1024
    network.sendChunk(link, header(1, bytes), world.body(bytes))
    network.sendChunk(link, header(2, 100_000), world.body(100_000))
    network.send(link, { type: 'choke' })
    const order: string[] = []
    far.on('message', () => order.push('choke'))
    far.on('arrived', (_link, { requestId }) => order.push(`chunk ${requestId}`))
    await world.settle()
    expect(order.at(-1)).toBe('chunk 1')
    expect(order.toSorted()).toEqual(['choke', 'chunk 1', 'chunk 2'])
  })

  it('gives up a link whose other side reads nothing', async () => {
    await world.dispose()
    await start({ maxBacklogBytes: 100_000 })
    const up = handler.next('up')
    await dial()
    const [link] = await up
    const gone = handler.next('down')
    const sender = setInterval(() => {
      for (let i = 0; i < 10_000; i++) network.send(link, { type: 'have', chunk: 1, active: 0, queued: 0 })
    }, 1)
    expect((await gone)[1]).toBe('lost')
    clearInterval(sender)
  })

  it('gives up a link on which nothing is heard', async () => {
    await world.dispose()
    await start({ pingMs: 5, idleTimeoutMs: 50 })
    const gone = handler.next('down')
    const socket = await dial()
    socket.resume()
    expect((await gone)[1]).toBe('lost')
  })

  it('keeps a silent link whose other side answers pings', async () => {
    await world.dispose()
    await start({ pingMs: 5, idleTimeoutMs: 100 })
    const there = await world.node()
    there.network.attach(new EventHandler())
    const up = handler.next('up')
    const link = network.connect(there.address)
    await up
    for (let answers = 0, rttMs = link.rttMs; answers < 40;) {
      await setImmediate()
      if (link.rttMs !== rttMs) answers++
      rttMs = link.rttMs
    }
    expect(handler.log).toEqual(['up'])
  })

  it('says that an address is none', async () => {
    const gone = handler.next('down')
    const link = network.connect('not an address')
    const [down, reason] = await gone
    expect(reason).toBe('unreachable')
    expect(down === link).toBe(true)
    network.close(network.connect('nor:this:one'))
    await world.settle()
    expect(handler.log).toEqual(['down'])
  })

  it('believes the port of a handshake and not its host', async () => {
    const heard = handler.next('message')
    const socket = await dial()
    socket.write(
      encode({
        type: 'handshake',
        contentId: 'c'.repeat(64),
        peerId: 'a'.repeat(40),
        address: '10.1.2.3:4567',
        region: '',
        isOrigin: false,
        uploadSlots: 4,
      }),
    )
    expect((await heard)[1]).toMatchObject({ address: '127.0.0.1:4567' })
  })
})
