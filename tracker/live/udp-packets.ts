import type { BitTorrentAnnounce, BitTorrentAnswer, InfoHash, ScrapeFigures } from './bittorrent.ts'
import { writeEndpoint } from './compact-endpoint.ts'
import { compactOf } from './bittorrent.ts'

// The UDP tracker protocol (BEP 15). All numbers are big-endian.

const MAGIC = Buffer.from('0000041727101980', 'hex')
const CONNECT = 0
const ANNOUNCE = 1
const SCRAPE = 2
const ERROR = 3
const ANNOUNCE_BYTES = 98
const MOST_SCRAPED = 74
const EVENTS = ['update', 'completed', 'started', 'stopped'] as const
/** A reply should fit into one Ethernet frame: so many peers at the most. */
const MOST_REPLY_BYTES = 1400
const ANNOUNCE_REPLY_HEAD = 20

export interface UdpConnect {
  readonly action: 'connect'
  readonly transaction: number
}
export interface UdpAnnounce extends BitTorrentAnnounce {
  readonly action: 'announce'
  readonly transaction: number
  readonly connection: Buffer
}
export interface UdpScrape {
  readonly action: 'scrape'
  readonly transaction: number
  readonly connection: Buffer
  readonly infoHashes: readonly InfoHash[]
}
export type UdpRequest = UdpConnect | UdpAnnounce | UdpScrape

/** Reads a packet of `host`; undefined for what is none of the protocol's requests, which deserves no answer. */
export function parseUdp(packet: Buffer, host: string): UdpRequest | undefined {
  if (packet.length < 16) return undefined
  const action = packet.readUInt32BE(8)
  const transaction = packet.readUInt32BE(12)
  if (action === CONNECT)
    return packet.compare(MAGIC, 0, 8, 0, 8) === 0 ? { action: 'connect', transaction } : undefined
  const connection = packet.subarray(0, 8)
  if (action === SCRAPE) {
    const count = Math.floor((packet.length - 16) / 20)
    if (count < 1 || count > MOST_SCRAPED) return undefined
    const infoHashes = Array.from({ length: count }, (_, i) => hexAt(packet, 16 + 20 * i))
    return { action: 'scrape', transaction, connection, infoHashes }
  }
  if (action !== ANNOUNCE || packet.length < ANNOUNCE_BYTES) return undefined
  const event = EVENTS[packet.readUInt32BE(80)]
  const port = packet.readUInt16BE(96)
  if (event === undefined || port === 0) return undefined
  const wanted = packet.readInt32BE(92)
  return {
    action: 'announce',
    transaction,
    connection,
    infoHash: hexAt(packet, 16),
    peerId: hexAt(packet, 36),
    host,
    downloadedBytes: uint64At(packet, 56),
    leftBytes: uint64At(packet, 64),
    uploadedBytes: uint64At(packet, 72),
    event,
    wanted: wanted < 0 ? NaN : wanted,
    key: keyAt(packet, 88),
    port,
  }
}

export function connectReply(transaction: number, connection: Buffer): Buffer {
  return Buffer.concat([head(CONNECT, transaction), connection])
}

/** Peers of the reply are all of one family: their compact forms have one length. */
export function announceReply(transaction: number, answer: BitTorrentAnswer): Buffer {
  const { seeds, leechers, intervalMs, listed, endpoints } = answer
  const entryBytes = listed.length === 0 || endpoints[0] >= 0 ? 6 : compactOf(listed[0]).length
  const most = Math.floor((MOST_REPLY_BYTES - ANNOUNCE_REPLY_HEAD) / entryBytes)
  const named = Math.min(listed.length, most)
  const reply = Buffer.allocUnsafe(ANNOUNCE_REPLY_HEAD + named * entryBytes)
  reply.writeUInt32BE(ANNOUNCE, 0)
  reply.writeUInt32BE(transaction, 4)
  reply.writeUInt32BE(Math.ceil(intervalMs / 1000), 8)
  reply.writeUInt32BE(leechers, 12)
  reply.writeUInt32BE(seeds, 16)
  for (let i = 0; i < named; i++) {
    const at = ANNOUNCE_REPLY_HEAD + i * entryBytes
    if (endpoints[i] >= 0) writeEndpoint(endpoints[i], reply, at)
    else reply.write(compactOf(listed[i]), at, 'latin1')
  }
  return reply
}

export function udpScrapeReply(transaction: number, figures: readonly ScrapeFigures[]): Buffer {
  const reply = Buffer.alloc(8 + 12 * figures.length)
  head(SCRAPE, transaction).copy(reply)
  figures.forEach(({ seeds, completed, leechers }, i) => {
    reply.writeUInt32BE(seeds, 8 + 12 * i)
    reply.writeUInt32BE(completed, 12 + 12 * i)
    reply.writeUInt32BE(leechers, 16 + 12 * i)
  })
  return reply
}

export function errorReply(transaction: number, reason: string): Buffer {
  return Buffer.concat([head(ERROR, transaction), Buffer.from(reason, 'utf8')])
}

function head(action: number, transaction: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(action, 0)
  bytes.writeUInt32BE(transaction, 4)
  return bytes
}

/** Exact up to 2 ** 53; beyond it only the size counts. */
const uint64At = (packet: Buffer, at: number): number =>
  packet.readUInt32BE(at) * 2 ** 32 + packet.readUInt32BE(at + 4)

/** A key that the peer id tells is no secret. */
function keyAt(packet: Buffer, at: number): number {
  const key = packet.readInt32BE(at)
  for (let i = 36; i <= 52; i++) if (packet.readInt32BE(i) === key) return 0
  return key
}

const hexAt = (packet: Buffer, at: number): string => packet.toString('hex', at, at + 20)
