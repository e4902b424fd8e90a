import type { IncomingMessage, Server } from 'node:http'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { AnnounceMeter } from './metrics.ts'
import type { WsDesk } from './ws-desk.ts'
import { WsPeer } from './ws-swarms.ts'

/** A message holds at most twenty offers of a few kilobytes each. */
const MOST_MESSAGE_BYTES = 128 * 1024
/** A client that does not read is cut off when so much waits for it. */
const MOST_UNSENT_BYTES = 1024 * 1024
const PING_MS = 60_000

export interface WsServerOptions {
  readonly server: Server
  readonly desk: WsDesk
  readonly hostOf: (request: IncomingMessage) => string
  /** Origins of pages that may connect, as browsers name them; null: all. */
  readonly origins: readonly string[] | null
  readonly maxConnections: number
  readonly log: Logger
  readonly meter: AnnounceMeter
}

export interface WsServer {
  stop(): void
}

/** Speaks WebTorrent's tracker protocol on the WebSockets of an HTTP server, whatever their path. */
export function startWs(options: WsServerOptions): WsServer {
  const { server, hostOf, origins, maxConnections } = options
  const sockets = new WebSocketServer({
    server,
    maxPayload: MOST_MESSAGE_BYTES,
    perMessageDeflate: false,
    verifyClient: ({ origin }, done) => {
      const isAllowed = origins === null || origins.includes(origin)
      if (!isAllowed) done(false, 403, 'Origin not allowed')
      else if (sockets.clients.size >= maxConnections) done(false, 503, 'Too many connections')
      else done(true)
    },
  })
  sockets.on('connection', (socket, request) => serve(socket, hostOf(request), options))
  const pings = setInterval(() => ping(sockets.clients), PING_MS)
  return {
    stop: () => {
      clearInterval(pings)
      for (const socket of sockets.clients) socket.close(1001)
      sockets.close()
    },
  }
}

function serve(socket: WebSocket, host: string, { desk, log, meter }: WsServerOptions): void {
  const peer = new WsPeer(host, (text) => {
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) socket.terminate()
    else if (socket.readyState === socket.OPEN) socket.send(text)
  })
  socket.on('message', (data, isBinary) => {
    try {
      // One frame comes as one Buffer: no other form was asked for.
      if (isBinary) desk.refuse(peer, 'invalid message: text expected')
      else desk.hear(peer, (data as Buffer).toString('utf8'))
    } catch (error) {
      meter.failed++
      log.error({ err: error }, 'WebSocket message failed')
      socket.terminate()
    }
  })
  socket.on('pong', () => alive.add(socket))
  // What goes wrong with one connection ends that connection: `close` follows.
  socket.on('error', () => undefined)
  socket.on('close', () => desk.gone(peer))
  alive.add(socket)
}

/** Connections that have answered since they were last asked. */
const alive = new WeakSet<WebSocket>()

function ping(sockets: Iterable<WebSocket>): void {
  for (const socket of sockets) {
    if (!alive.delete(socket)) socket.terminate()
    else socket.ping()
  }
}
