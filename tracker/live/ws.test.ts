import { once } from 'node:events'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { WebSocket } from 'ws'
import { startTracker, type TrackerServer } from './compose.ts'
import { ClientError } from './errors.ts'
import { checkWs, readWs } from './ws-messages.ts'
import { wsAnnounce, WsClient, type WsMessage, wsPeerId } from './ws.testing.ts'

const HASH = 'h'.repeat(20)
const id = wsPeerId

let tracker: TrackerServer
let clients: WsClient[]

const start = async (origins: string[] | null = null): Promise<void> => {
  tracker = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' }, origins })
}
beforeEach(async () => {
  clients = []
  await start()
})
afterEach(async () => {
  for (const { socket } of clients) socket.terminate()
  await tracker.stop()
})

async function connect(origin?: string): Promise<WsClient> {
  const client = await WsClient.connect(tracker.url, origin)
  clients.push(client)
  return client
}

const announce = (n: number, offers = 0, more: WsMessage = {}): WsMessage => wsAnnounce(HASH, n, offers, more)

describe('announces over WebSocket', () => {
  it('bring an offer to those chosen, and their answer back', async () => {
    const [one, two] = [await connect(), await connect()]
    one.say(announce(1, 2, { left: 0, event: 'completed' }))
    expect(await one.next()).toEqual({
      action: 'announce',
      interval: 30,
      info_hash: HASH,
      complete: 1,
      incomplete: 0,
    })
    two.say(announce(2, 3))
    expect(await two.next()).toMatchObject({ complete: 1, incomplete: 1 })
    const offer = { type: 'offer', sdp: 'sdp 0' }
    expect(await one.next()).toEqual({
      action: 'announce',
      offer,
      offer_id: '2-0',
      peer_id: id(2),
      info_hash: HASH,
    })
    const answer = { type: 'answer', sdp: 'yes' }
    one.say({
      action: 'announce',
      info_hash: HASH,
      peer_id: id(1),
      to_peer_id: id(2),
      answer,
      offer_id: '2-0',
    })
    expect(await two.next()).toEqual({
      action: 'announce',
      answer,
      offer_id: '2-0',
      peer_id: id(1),
      info_hash: HASH,
    })
    const metrics = await (await fetch(`${tracker.url}/metrics`)).text()
    expect(metrics).toContain('seedbed_announces_total{protocol="ws",result="ok"} 2')
  })

  it('forget a client that stops or whose connection ends', async () => {
    const [one, two, three] = [await connect(), await connect(), await connect()]
    for (const [n, client] of [one, two, three].entries()) {
      client.say(announce(n))
      await client.next()
    }
    one.socket.close()
    await once(one.socket, 'close')
    two.say(announce(1, 0, { event: 'stopped' }))
    two.say({ action: 'scrape', info_hash: HASH })
    await expect
      .poll(async () => {
        two.say({ action: 'scrape', info_hash: [HASH] })
        return two.next()
      })
      .toEqual({ action: 'scrape', files: { [HASH]: { complete: 0, incomplete: 1, downloaded: 0 } } })
  })

  it('are apart from those of clients that can be dialled, but are counted with them', async () => {
    const http = `${tracker.url}/announce?info_hash=${HASH}&peer_id=${id(9)}&port=7000&left=0`
    const reply = async (): Promise<string> => (await fetch(http)).text()
    const client = await connect()
    client.say(announce(1, 5))
    await client.next()
    expect(await reply()).toContain('5:peers0:')
    client.say({ action: 'scrape', info_hash: HASH })
    expect(await client.next()).toMatchObject({ files: { [HASH]: { complete: 1, incomplete: 1 } } })
  })

  it('can not take over the place of another', async () => {
    const [one, two] = [await connect(), await connect()]
    one.say(announce(1))
    await one.next()
    two.say(announce(1))
    expect(await two.next()).toEqual({ 'failure reason': 'invalid peer_id: in use on another connection' })
    const answer = { type: 'answer', sdp: '' }
    two.say({ action: 'announce', info_hash: HASH, peer_id: id(1), to_peer_id: id(1), answer, offer_id: 'x' })
    expect(await two.next()).toEqual({ 'failure reason': 'invalid answer: announce first' })
  })

  it('are taken from allowed origins alone where some are named', async () => {
    await tracker.stop()
    await start(['https://a.example'])
    await connect('https://a.example')
    const refused = new WebSocket(tracker.url.replace('http', 'ws'), { origin: 'https://b.example' })
    const [error] = (await once(refused, 'error')) as [Error]
    expect(error.message).toContain('403')
  })

  it('end where a client reads too slowly, whatever others send it', async () => {
    const [slow, fast] = [await connect(), await connect()]
    slow.say(announce(1))
    await slow.next()
    slow.socket.pause()
    const offer = { offer_id: 'x', offer: { type: 'offer', sdp: 's'.repeat(100_000) } }
    const large = announce(2, 1, { offers: [offer] })
    let others = 1
    for (let sent = 0; others === 1 && sent < 2000; sent++) {
      fast.say(large)
      others = (await fast.next())['incomplete'] as number
      others -= 1
    }
    expect(others).toBe(0)
  })

  it('end where a message is too large', async () => {
    const client = await connect()
    client.socket.send('x'.repeat(200_000))
    const [code] = (await once(client.socket, 'close')) as [number]
    expect(code).toBe(1009)
  })
})

it('no message makes the parser fail but with an error for the client', async () => {
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record(
        {
          action: fc.constantFrom('announce', 'scrape', 'x'),
          info_hash: fc.oneof(fc.string(), fc.constant(HASH), fc.array(fc.string())),
          peer_id: fc.oneof(fc.string(), fc.constant(HASH)),
          to_peer_id: fc.oneof(fc.string(), fc.constant(HASH)),
          offers: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())),
          answer: fc.jsonValue(),
          left: fc.jsonValue(),
          numwant: fc.jsonValue(),
        },
        { requiredKeys: ['action'] },
      )
      .map((value) => JSON.stringify(value)),
  )
  await fuzz(
    fc.property(text, (message) => {
      try {
        return typeof checkWs(readWs(message)).action === 'string'
      } catch (error) {
        return error instanceof ClientError
      }
    }),
    2000,
  )
})
