import type { BitTorrentAnnounce, InfoHash } from './bittorrent.ts'
import { ClientError } from './errors.ts'
import { textHash } from '../core/text-hash.ts'

/** What the query of an HTTP announce says (BEP 3). */
export interface AnnounceQuery extends BitTorrentAnnounce {
  /** Whether peers are listed in compact form (BEP 23); a client that does not say gets it. */
  readonly isCompact: boolean
  /** In lists of dictionaries, whether peer ids are left out. */
  readonly hidesPeerIds: boolean
}

const MOST_SCRAPED = 100
const EVENTS = ['started', 'completed', 'stopped'] as const

/** Reads the query of an announce of `host`, the part after `?`. Throws ClientError. */
export function parseAnnounceQuery(query: string, host: string): AnnounceQuery {
  const given = new Given()
  for (let from = 0; from < query.length;) {
    const end = endOfPair(query, from)
    const at = query.indexOf('=', from)
    if (at > from && at < end) given.take(query.slice(from, at), query, at + 1, end)
    from = end + 1
  }
  const port = whole('port', given.port)
  if (!(port >= 1 && port <= 65_535)) throw new ClientError(`invalid port: ${shown(given.port)} (1 to 65535)`)
  const infoHash = bytes20('info_hash', given.info_hash)
  const peerId = bytes20('peer_id', given.peer_id)
  // Named one by one: to spread objects here costs a third of an announce.
  return {
    infoHash,
    peerId,
    key: given.key === undefined ? 0 : keyOf(given.key, peerId),
    host,
    port,
    uploadedBytes: zeroIfUnknown(whole('uploaded', given.uploaded)),
    downloadedBytes: zeroIfUnknown(whole('downloaded', given.downloaded)),
    leftBytes: whole('left', given.left),
    event: eventOf(given.event),
    wanted: given.numwant?.startsWith('-') ? NaN : whole('numwant', given.numwant),
    isCompact: given.compact !== '0',
    hidesPeerIds: given.no_peer_id === '1',
  }
}

/** The info hash of an announce's query, whatever else is in it. Throws ClientError. */
export function announcedHash(query: string): InfoHash {
  const from = query.startsWith('info_hash=') ? 0 : query.indexOf('&info_hash=') + 1
  const isThere = from > 0 || query.startsWith('info_hash=')
  return bytes20('info_hash', isThere ? query.slice(from + 10, endOfPair(query, from)) : undefined)
}

/** The info hashes that a scrape asks for (BEP 48), at least one. Throws ClientError. */
export function parseScrapeQuery(query: string): InfoHash[] {
  const hashes: InfoHash[] = []
  for (let from = 0; from < query.length;) {
    const end = endOfPair(query, from)
    if (query.startsWith('info_hash=', from)) hashes.push(bytes20('info_hash', query.slice(from + 10, end)))
    from = end + 1
  }
  if (hashes.length === 0)
    throw new ClientError('missing info_hash (this tracker does not list all its torrents)')
  if (hashes.length > MOST_SCRAPED)
    throw new ClientError(`too many info_hash: ${hashes.length} (at most ${MOST_SCRAPED})`)
  return hashes
}

/** Raw values by name, the first of each; BitTorrent escapes bytes, not text, so that decodeURIComponent is of no use. */
class Given {
  info_hash: string | undefined
  peer_id: string | undefined
  port: string | undefined
  uploaded: string | undefined
  downloaded: string | undefined
  left: string | undefined
  event: string | undefined
  numwant: string | undefined
  compact: string | undefined
  no_peer_id: string | undefined
  key: string | undefined

  take(name: string, query: string, from: number, end: number): void {
    switch (name) {
      case 'info_hash':
      case 'peer_id':
      case 'port':
      case 'uploaded':
      case 'downloaded':
      case 'left':
      case 'event':
      case 'numwant':
      case 'compact':
      case 'no_peer_id':
      case 'key':
        this[name] ??= query.slice(from, end)
    }
  }
}

function endOfPair(query: string, from: number): number {
  const found = query.indexOf('&', from)
  return found < 0 ? query.length : found
}

/** NaN where it is not given. Throws ClientError. */
function whole(name: string, text: string | undefined): number {
  if (text === undefined || text === '') return NaN
  if (!/^\d{1,16}$/.test(text))
    throw new ClientError(`invalid ${name}: ${shown(text)} (a whole number expected)`)
  return Number(text)
}

const scratch = Buffer.alloc(20)

/** 20 bytes of percent-encoding as 40 hex digits. */
function bytes20(name: string, text: string | undefined): string {
  let length = 0
  for (let i = 0; text !== undefined && i < text.length && length <= 20; i++) {
    let code = text.charCodeAt(i)
    if (code === PERCENT) {
      code = (hexDigit(text.charCodeAt(i + 1)) << 4) | hexDigit(text.charCodeAt(i + 2))
      if (code < 0) throw new ClientError(`invalid ${name}: bad percent-encoding`)
      i += 2
    } else if (code > 255) throw new ClientError(`invalid ${name}: bytes expected`)
    if (length < 20) scratch[length] = code
    length++
  }
  if (length !== 20) throw new ClientError(`invalid ${name}: 20 bytes expected`)
  return scratch.toString('hex')
}

const PERCENT = 37

/** Value of a hex digit, -1 where the character is none; a negative half makes the byte negative. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

const MOST_KEY_CHARS = 96
/** Shorter stretches of a peer id are there by chance. */
const LEAST_TOLD = 4

/**
 * A client's key as a number; 0 where it says nothing that others do not know: aria2's is a part of its peer id. Most
 * clients write the number that they send over UDP, in hex.
 */
function keyOf(text: string, peerId: string): number {
  if (text === '' || text.length > MOST_KEY_CHARS) return 0
  const plain = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  if (plain.length >= LEAST_TOLD && peerId.includes(Buffer.from(plain, 'latin1').toString('hex'))) return 0
  if (/^[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16) | 0
  return textHash(plain) | 0
}

/** Anything else than the three events is a regular announce; clients say `event=` or `event=paused` too. */
const eventOf = (text: string | undefined): BitTorrentAnnounce['event'] =>
  EVENTS.find((event) => event === text) ?? 'update'

const zeroIfUnknown = (value: number): number => (Number.isNaN(value) ? 0 : value)

const shown = (text: string | undefined): string => JSON.stringify((text ?? '').slice(0, 40))
