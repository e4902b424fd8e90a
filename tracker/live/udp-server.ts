import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Logger } from 'pino'
import type { BitTorrentSwarms, Family } from './bittorrent.ts'
import { ShardDownError } from './cluster/errors.ts'
import { ConnectionIds } from './connection-ids.ts'
import { ListenError } from './errors.ts'
import type { AnnounceMeter } from './metrics.ts'
import { SendBatch } from './send-batch.ts'
import {
  announceReply,
  connectReply,
  errorReply,
  parseUdp,
  type UdpAnnounce,
  udpScrapeReply,
  type UdpScrape,
} from './udp-packets.ts'

/** Has requests answered by another process; false where that is done here. */
export type PassUdp = (
  request: UdpAnnounce | UdpScrape,
  packet: Buffer,
  family: Family,
  told: (error: Error | undefined, reply: Buffer) => void,
) => boolean

export interface UdpServerOptions {
  readonly swarms: BitTorrentSwarms
  readonly host: string
  readonly port: number
  readonly nowMs: () => number
  readonly log: Logger
  readonly meter: AnnounceMeter
  /** What connection ids are made with; drawn where it is left out. */
  readonly secret?: Buffer | undefined
  /** Where swarms are spread over several processes. */
  readonly pass?: PassUdp | undefined
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
  const { swarms, host, port, nowMs, log, meter, secret, pass } = options
  const family: Family = host.includes(':') ? 6 : 4
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    // Replies go to addresses: there is nothing to look up, nor to wait for.
    lookup: (address, _options, done) => done(null, address, family),
  })
  const ids = new ConnectionIds(nowMs, secret)
  await bind(socket, host, port)
  // An ICMP answer to an earlier reply surfaces as an error; nobody waits for that reply any more.
  socket.on('error', () => undefined)
  const batch = new SendBatch<Answer>(({ reply, to }) => socket.send(reply, to.port, to.address))
  const fail = (error: unknown): void => {
    meter.failed++
    log.error({ err: error }, 'UDP request failed')
  }
  socket.on('message', (packet, from) => {
    try {
      const request = parseUdp(packet, from.address)
      if (!request) return
      if (request.action === 'connect')
        return batch.add({ reply: connectReply(request.transaction, ids.issue(from.address)), to: from })
      // But for a connection id, replies go only to those who have shown that they receive where they send from.
      if (!ids.isValid(from.address, request.connection))
        return batch.add({ reply: errorReply(request.transaction, 'connection id expired'), to: from })
      const isPassed = pass?.(request, packet, family, (error, reply) => {
        if (request.action === 'scrape') meter.scrapes++
        if (error instanceof ShardDownError) {
          meter.refused++
          batch.add({ reply: errorReply(request.transaction, error.message), to: from })
        } else if (error) fail(error)
        else batch.add({ reply, to: from })
      })
      if (!isPassed) batch.add({ reply: answerUdp(request, family, swarms, meter), to: from })
    } catch (error) {
      fail(error)
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

/** The reply to an announce or a scrape of swarms that are held here. */
export function answerUdp(
  request: UdpAnnounce | UdpScrape,
  family: Family,
  swarms: BitTorrentSwarms,
  meter: AnnounceMeter,
): Buffer {
  const { transaction } = request
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
