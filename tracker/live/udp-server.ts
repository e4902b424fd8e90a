import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Logger } from 'pino'
import type { BitTorrentSwarms, Family } from './bittorrent.ts'
import { ConnectionIds } from './connection-ids.ts'
import { ListenError } from './errors.ts'
import type { AnnounceMeter } from './metrics.ts'
import { SendBatch } from './send-batch.ts'
import { announceReply, connectReply, errorReply, parseUdp, udpScrapeReply } from './udp-packets.ts'

export interface UdpServerOptions {
  readonly swarms: BitTorrentSwarms
  readonly host: string
  readonly port: number
  readonly nowMs: () => number
  readonly log: Logger
  readonly meter: AnnounceMeter
}

export interface UdpServer {
  readonly port: number
  stop(): Promise<void>
}

interface Answer {
  readonly reply: Buffer
  readonly to: RemoteInfo
}

/** Starts the UDP tracker protocol (BEP 15), over IPv4 or IPv6 as the host says. Rejects with ListenError. */
export async function startUdp(options: UdpServerOptions): Promise<UdpServer> {
  const { swarms, host, port, nowMs, log, meter } = options
  const family: Family = host.includes(':') ? 6 : 4
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    // Replies go to addresses: there is nothing to look up, nor to wait for.
    lookup: (address, _options, done) => done(null, address, family),
  })
  const ids = new ConnectionIds(nowMs)
  await bind(socket, host, port)
  // An ICMP answer to an earlier reply surfaces as an error; nobody waits for that reply any more.
  socket.on('error', () => undefined)
  const batch = new SendBatch<Answer>(({ reply, to }) => socket.send(reply, to.port, to.address))
  socket.on('message', (packet, from) => {
    try {
      const reply = answer(packet, from, family, swarms, ids, meter)
      if (reply) batch.add({ reply, to: from })
    } catch (error) {
      meter.failed++
      log.error({ err: error }, 'UDP request failed')
    }
  })
  return {
    port: socket.address().port,
    stop: () => {
      batch.flush()
      return new Promise((resolve) => socket.close(resolve))
    },
  }
}

/** Replies only to requests, and but for a connection id only to those who have shown that they receive where they send from. */
function answer(
  packet: Buffer,
  { address }: RemoteInfo,
  family: Family,
  swarms: BitTorrentSwarms,
  ids: ConnectionIds,
  meter: AnnounceMeter,
): Buffer | undefined {
  const request = parseUdp(packet, address)
  if (!request) return undefined
  const { transaction } = request
  if (request.action === 'connect') return connectReply(transaction, ids.issue(address))
  if (!ids.isValid(address, request.connection)) return errorReply(transaction, 'connection id expired')
  if (request.action === 'scrape') {
    meter.scrapes++
    return udpScrapeReply(
      transaction,
      request.infoHashes.map((hash) => swarms.scrape(hash)),
    )
  }
  const startedMs = performance.now()
  const given = swarms.announce(request, family)
  if (!given) {
    meter.refused++
    return errorReply(transaction, 'the tracker is full')
  }
  const reply = announceReply(transaction, given)
  meter.answered(startedMs)
  return reply
}

function bind(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(new ListenError(host, port, error, '--udp-port'))
    socket.once('error', refuse)
    socket.bind(port, host, () => {
      socket.off('error', refuse)
      resolve()
    })
  })
}
