import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import type { Member } from '../core/member.ts'
import { type BitTorrentAnswer, type InfoHash, type ScrapeFigures, compactOf } from './bittorrent.ts'

// Replies are bencoded by hand: keys in order, as BEP 3 wants them, and peers copied straight into place.

/** An announce's reply with peers in compact form (BEP 23), those reached over IPv6 apart (BEP 7). */
export function compactReply({ seeds, leechers, intervalMs, listed }: BitTorrentAnswer): Buffer {
  const compact = listed.map(compactOf)
  const four = compact.filter(({ length }) => length === 6)
  const six = compact.filter(({ length }) => length !== 6)
  const head = `d8:completei${seeds}e10:incompletei${leechers}e8:intervali${seconds(intervalMs)}e5:peers${6 * four.length}:`
  const parts = [Buffer.from(head, 'latin1'), ...four]
  if (six.length > 0) parts.push(Buffer.from(`6:peers6${18 * six.length}:`, 'latin1'), ...six)
  parts.push(END)
  return Buffer.concat(parts)
}

/** An announce's reply with a dictionary a peer (BEP 3). */
export function listReply(answer: BitTorrentAnswer, hidesPeerIds: boolean): Buffer {
  const { seeds, leechers, intervalMs, listed } = answer
  const head = `d8:completei${seeds}e10:incompletei${leechers}e8:intervali${seconds(intervalMs)}e5:peersl`
  return Buffer.from(`${head}${listed.map((member) => entry(member, hidesPeerIds)).join('')}ee`, 'latin1')
}

/** A scrape's reply (BEP 48); hashes in order. */
export function scrapeReply(figures: ReadonlyMap<InfoHash, ScrapeFigures>): Buffer {
  const files = [...figures.keys()].sort().map((hash) => {
    const { seeds, completed, leechers } = figures.get(hash)!
    return `${bytes(hash)}d8:completei${seeds}e10:downloadedi${completed}e10:incompletei${leechers}ee`
  })
  return Buffer.from(`d5:filesd${files.join('')}ee`, 'latin1')
}

/** What a client is told that did something wrong (BEP 3). */
export function failureReply(reason: string): Buffer {
  const text = Buffer.from(reason, 'utf8')
  return Buffer.concat([Buffer.from(`d14:failure reason${text.length}:`, 'latin1'), text, END])
}

const END = Buffer.from('e', 'latin1')

const seconds = (ms: number): number => Math.ceil(ms / 1000)

function entry(member: Member, hidesPeerId: boolean): string {
  const { host, port } = parseEndpoint(member.address)
  const id = hidesPeerId ? '' : `7:peer id${bytes(member.peerId)}`
  return `d2:ip${host.length}:${host}${id}4:porti${port}ee`
}

/** 20 bytes, given as hex digits, as a bencoded string. */
const bytes = (hex: string): string => `20:${Buffer.from(hex, 'hex').toString('latin1')}`
