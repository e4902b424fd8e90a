import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encode } from '../protocol/codec.ts'
import type { Handshake, Message } from '../protocol/messages.ts'
import { EventHandler } from './events.testing.ts'
import { PeerHost } from './peer-host.ts'
import { TCP_LIMITS } from './tcp-options.ts'

const handshakeFor = (contentId: string): Handshake => ({
  type: 'handshake',
  contentId,
  peerId: 'a'.repeat(40),
  address: '0.0.0.0:4000',
  region: 'eu-west',
  isOrigin: false,
  uploadSlots: 4,
})

describe('PeerHost', () => {
  let host: PeerHost
  const sockets: Socket[] = []

  beforeEach(async () => {
    host = await PeerHost.listen(
      { host: '127.0.0.1', port: 0 },
      { ...TCP_LIMITS, handshakeTimeoutMs: 50, maxConnections: 8, lingerMs: 100 },
    )
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await host.close()
  })

  const say = async (...messages: Message[]): Promise<Socket> => {
    const socket = connect(host.port, '127.0.0.1')
    sockets.push(socket)
    socket.on('error', () => undefined).resume()
    await once(socket, 'connect')
    for (const message of messages) socket.write(encode(message))
    return socket
  }
  const open = (contentId: string): EventHandler => {
    const handler = new EventHandler()
    host.open(contentId).attach(handler)
    return handler
  }

  it('gives each link to the content that its handshake names', async () => {
    const [one, two] = [open('1'.repeat(64)), open('2'.repeat(64))]
    const heard: Message[] = []
    const all = new Promise<void>((resolve) => {
      two.on('message', (_link, message) => heard.push(message) === 2 && resolve())
    })
    await say(handshakeFor('2'.repeat(64)), { type: 'choke' })
    await all
    expect(heard).toEqual([{ ...handshakeFor('2'.repeat(64)), address: '127.0.0.1:4000' }, { type: 'choke' }])
    expect([one.log, two.log]).toEqual([[], ['up', 'message', 'message']])
    expect(host.strangerCount).toBe(0)
  })

  it('closes links that name an unknown content, or begin with anything but a handshake', async () => {
    const handler = open('1'.repeat(64))
    await once(await say(handshakeFor('3'.repeat(64))), 'close')
    await once(await say({ type: 'choke' }), 'close')
    await once(
      await say({ type: 'chunk', requestId: 1, chunk: 1, bytes: 100, active: 0, queued: 0 }),
      'close',
    )
    const garbage = await say()
    garbage.write('GET / HTTP/1.1\r\n\r\n')
    await once(garbage, 'close')
    expect(handler.log).toEqual([])
    expect(host.strangerCount).toBe(0)
  })

  it('closes links whose handshake does not come', async () => {
    await once(await say(), 'close')
    expect(host.strangerCount).toBe(0)
  })

  it('closes connections beyond its limit', async () => {
    const handler = open('1'.repeat(64))
    for (let i = 0; i < 8; i++) {
      const up = handler.next('up')
      await say(handshakeFor('1'.repeat(64)))
      await up
    }
    await once(await say(), 'close')
    expect(handler.log.filter((kind) => kind === 'up')).toHaveLength(8)
    for (const socket of sockets) socket.destroy()
  })

  it('says that its port is taken, and the way out', async () => {
    await expect(PeerHost.listen({ host: '127.0.0.1', port: host.port })).rejects.toThrow(
      /in use: choose another port, or 0/,
    )
  })
})
