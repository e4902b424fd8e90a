import { LIMITS } from '../../peer/protocol/limits.ts'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import type { Member } from '../core/member.ts'
import { writeEndpoint } from './compact-endpoint.ts'
import { type BitTorrentAnswer, type InfoHash, type ScrapeFigures, compactOf } from './bittorrent.ts'

// Replies are bencoded by hand, keys in order, as BEP 3 wants them. They are strings of bytes, a character a byte: that is
// what Node writes to a socket soonest.

/** An announce's reply with peers in compact form (BEP 23), those reached over IPv6 apart (BEP 7). */
export function compactReply({ seeds, leechers, intervalMs, listed, endpoints }: BitTorrentAnswer): string {
  let four = 0
  let six = ''
  for (let i = 0; i < listed.length; i++) {
    if (endpoints[i] >= 0) writeEndpoint(endpoints[i], FOUR, 6 * four++)
    else {
      const compact = compactOf(listed[i])
      if (compact.length === 6) FOUR.write(compact, 6 * four++, 'latin1')
      else six += compact
    }
  }
  const peers6 = six === '' ? '' : `6:peers6${six.length}:${six}`
  return `d8:completei${seeds}e10:incompletei${leechers}e8:intervali${seconds(intervalMs)}e5:peers${6 * four}:${FOUR.toString('latin1', 0, 6 * four)}${peers6}e`
}

const FOUR = Buffer.alloc(6 * LIMITS.candidates)

/** An announce's reply with a dictionary a peer (BEP 3). */
export function listReply(answer: BitTorrentAnswer, hidesPeerIds: boolean): string {
  const { seeds, leechers, intervalMs } = answer
  // A peer id names one peer: the one that it was known for first.
  const listed = hidesPeerIds ? answer.listed : answer.listed.filter(({ slot }) => slot === '')
  const head = `d8:completei${seeds}e10:incompletei${leechers}e8:intervali${seconds(intervalMs)}e5:peersl`
  return `${head}${listed.map((member) => entry(member, hidesPeerIds)).join('')}ee`
}

/** A scrape's reply (BEP 48); hashes in order. */
export function scrapeReply(figures: ReadonlyMap<InfoHash, ScrapeFigures>): string {
  const files = [...figures.keys()].sort().map((hash) => {
    const { seeds, completed, leechers } = figures.get(hash)!
    return `${bytes(hash)}d8:completei${seeds}e10:downloadedi${completed}e10:incompletei${leechers}ee`
  })
  return `d5:filesd${files.join('')}ee`
}

/** What a client is told that did something wrong (BEP 3). */
export function failureReply(reason: string): string {
  const text = Buffer.from(reason, 'utf8').toString('latin1')
  return `d14:failure reason${text.length}:${text}e`
}

const seconds = (ms: number): number => Math.ceil(ms / 1000)

function entry(member: Member, hidesPeerId: boolean): string {
  const { host, port } = parseEndpoint(member.address)
  const id = hidesPeerId ? '' : `7:peer id${bytes(member.peerId)}`
  return `d2:ip${host.length}:${host}${id}4:porti${port}ee`
}

/** 20 bytes, given as hex digits, as a bencoded string. */
const bytes = (hex: string): string => `20:${Buffer.from(hex, 'hex').toString('latin1')}`
