import { createServer, type Server, type ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encode } from '../protocol/codec.ts'
import { decodeAll, joinFrames } from '../protocol/frames.ts'
import type { Candidates, Leave, Message } from '../protocol/messages.ts'
import { EventHandler } from './events.testing.ts'
import { HttpTrackerNetwork } from './http-tracker-link.ts'
import { listenAnywhere } from './tcp-world.testing.ts'

const leaveOf = (digit: string): Leave => ({
  type: 'leave',
  contentId: digit.repeat(64),
  peerId: 'a'.repeat(40),
})
const ANSWER: Candidates = {
  type: 'candidates',
  contentId: 'c'.repeat(64),
  intervalMs: 1000,
  seeds: 0,
  leechers: 0,
  policy: 'random',
  policyVersion: '1',
  candidates: [],
}

describe('HttpTrackerNetwork', () => {
  const network = { current: new HttpTrackerNetwork() }
  let handler: EventHandler
  let server: Server
  let url: string
  let answer: (response: ServerResponse) => void
  const posted: Message[][] = []

  beforeEach(async () => {
    posted.length = 0
    answer = (response) => response.end(encode(ANSWER))
    server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        expect([request.method, request.url]).toEqual(['POST', '/sub/v1/messages'])
        posted.push(decodeAll(Buffer.concat(parts)))
        answer(response)
      })
    })
    url = `http://127.0.0.1:${await listenAnywhere(server)}/sub/`
    handler = new EventHandler()
    network.current = new HttpTrackerNetwork()
    network.current.attach(handler)
  })
  afterEach(async () => {
    network.current.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const connect = async (to = url) => {
    const up = handler.next('up')
    const link = network.current.connect(to)
    await up
    return link
  }

  it('posts what is sent, in order, and hears the answers', async () => {
    const link = await connect()
    const heard = handler.next('message')
    network.current.send(link, leaveOf('1'))
    network.current.send(link, leaveOf('2'))
    expect((await heard)[1]).toEqual(ANSWER)
    const again = handler.next('message')
    network.current.send(link, leaveOf('3'))
    await again
    expect(posted.flat()).toEqual(['1', '2', '3'].map(leaveOf))
    expect(posted[0]).toHaveLength(2)
    expect(link.rttMs).toBeGreaterThan(0)
  })

  it('still posts what was sent before a close, and hears no answer', async () => {
    const link = await connect()
    network.current.send(link, leaveOf('1'))
    network.current.close(link)
    network.current.send(link, leaveOf('2'))
    await network.current.finish(5_000)
    expect(posted).toEqual([[leaveOf('1')]])
    expect(handler.log).toEqual(['up'])
  })

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['a tracker that refuses', 'refused', (response) => response.writeHead(503).end('{}')],
    ['a redirect', 'lost', (response) => response.writeHead(302, { location: '/' }).end()],
    ['an answer that is none', 'protocol', (response) => response.end('<html>')],
    [
      'an answer with a chunk in it',
      'protocol',
      (response) =>
        response.end(encode({ type: 'chunk', requestId: 1, chunk: 0, bytes: 1, active: 0, queued: 0 })),
    ],
    [
      'an answer without end',
      'protocol',
      (response) => {
        const more = joinFrames(Array.from({ length: 1000 }, () => encode(ANSWER)))
        const pour = (): void => {
          while (!response.destroyed && response.write(more));
        }
        response.on('drain', pour).on('error', () => undefined)
        pour()
      },
    ],
    ['a broken connection', 'lost', (response) => response.destroy()],
  ])('takes down the link on %s', async (_what, reason, respond) => {
    answer = respond
    const link = await connect()
    const gone = handler.next('down')
    network.current.send(link, leaveOf('1'))
    const [down, why] = await gone
    expect(down === link).toBe(true)
    expect(why).toBe(reason)
  })

  it('says that nobody listens', async () => {
    const free = createServer()
    const port = await listenAnywhere(free)
    await new Promise((resolve) => free.close(resolve))
    const link = await connect(`http://127.0.0.1:${port}`)
    const gone = handler.next('down')
    network.current.send(link, leaveOf('1'))
    expect((await gone)[1]).toBe('refused')
  })

  it('gives up a tracker that does not keep up', async () => {
    const waiting: ServerResponse[] = []
    answer = (response) => void waiting.push(response)
    const link = await connect()
    const gone = handler.next('down')
    for (let i = 0; i < 400; i++) network.current.send(link, leaveOf('1'))
    expect((await gone)[1]).toBe('lost')
  })

  it('hears nothing of a link that it closed before it was up', async () => {
    network.current.close(network.current.connect(url))
    await setImmediate()
    await setImmediate()
    expect(handler.log).toEqual([])
  })
})
