import { once } from 'node:events'
import { WebSocket } from 'ws'
import { benchPeer, CONTENT_BYTES } from './announces.ts'

/** What came of many WebSocket clients at once. */
export interface WsFigures {
  readonly clients: number
  /** Those still connected when all had announced. */
  readonly connected: number
  /** Announces that were answered. */
  readonly answered: number
  /** Offers that reached another client. */
  readonly offersPassedOn: number
  readonly seconds: number
}

const HOST = '127.0.0.1'
const AT_ONCE = 200
/** By then everything under way on loopback has arrived. */
const MOST_WAIT_MS = 30_000

/** Connects clients, each of a swarm with others, and lets all announce with one offer while all are connected. */
export async function loadWs(port: number, clients: number): Promise<WsFigures> {
  const startMs = performance.now()
  const sockets: WebSocket[] = []
  let answered = 0
  let offersPassedOn = 0
  const hear = (data: Buffer): void => {
    const message = JSON.parse(data.toString('utf8')) as { interval?: number; offer?: object }
    if (message.offer) offersPassedOn++
    else if (message.interval !== undefined) answered++
  }
  while (sockets.length < clients) {
    const fresh = Array.from({ length: Math.min(AT_ONCE, clients - sockets.length) }, () => {
      const socket = new WebSocket(`ws://${HOST}:${port}/`, { perMessageDeflate: false })
      socket.on('message', hear)
      socket.on('error', () => undefined)
      return socket
    })
    await Promise.all(fresh.map((socket) => Promise.race([once(socket, 'open'), once(socket, 'close')])))
    sockets.push(...fresh)
  }
  for (let from = 0; from < clients; from += AT_ONCE) {
    const until = Math.min(from + AT_ONCE, clients)
    for (let i = from; i < until; i++)
      if (sockets[i].readyState === sockets[i].OPEN) sockets[i].send(announce(i))
    await waitUntil(() => answered >= until)
  }
  // An offer goes to somebody who was there before: all but the first of each swarm have one.
  await waitUntil(() => offersPassedOn >= clients - new Set(sockets.map((_, i) => swarmOf(i))).size)
  const connected = sockets.filter((socket) => socket.readyState === socket.OPEN).length
  const seconds = (performance.now() - startMs) / 1000
  for (const socket of sockets) socket.terminate()
  return { clients, connected, answered, offersPassedOn, seconds }
}

const swarmOf = (number: number): string => benchPeer(number).infoHash.toString('latin1')

function announce(number: number): string {
  const { infoHash, peerId } = benchPeer(number)
  return JSON.stringify({
    action: 'announce',
    info_hash: infoHash.toString('latin1'),
    peer_id: peerId.toString('latin1'),
    uploaded: 0,
    downloaded: 0,
    left: CONTENT_BYTES,
    event: 'started',
    numwant: 1,
    offers: [{ offer_id: String(number), offer: { type: 'offer', sdp: SDP } }],
  })
}

/** As long as a browser's description of a data channel. */
const SDP = 'v=0\r\n'.padEnd(1200, 'a=candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host\r\n')

async function waitUntil(isDone: () => boolean): Promise<void> {
  const endMs = performance.now() + MOST_WAIT_MS
  while (!isDone() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 5))
}
