import type { BitTorrentAnnounce, InfoHash } from './bittorrent.ts'
import { ClientError } from './errors.ts'

/** What the query of an HTTP announce says (BEP 3). */
export interface AnnounceQuery extends Omit<BitTorrentAnnounce, 'host'> {
  /** Whether peers are listed in compact form (BEP 23); a client that does not say gets it. */
  readonly isCompact: boolean
  /** In lists of dictionaries, whether peer ids are left out. */
  readonly hidesPeerIds: boolean
}

const MOST_SCRAPED = 100
const EVENTS = ['started', 'completed', 'stopped'] as const

/** Reads the query of an announce, the part after `?`. Throws ClientError. */
export function parseAnnounceQuery(query: string): AnnounceQuery {
  const given = new Map<string, string>()
  for (const [name, value] of pairs(query)) if (!given.has(name)) given.set(name, value)
  const number = (name: string): number => {
    const text = given.get(name)
    if (text === undefined || text === '') return NaN
    if (!/^\d{1,16}$/.test(text))
      throw new ClientError(`invalid ${name}: ${shown(text)} (a whole number expected)`)
    return Number(text)
  }
  const port = number('port')
  if (!(port >= 1 && port <= 65_535))
    throw new ClientError(`invalid port: ${shown(given.get('port'))} (1 to 65535)`)
  return {
    infoHash: bytes20('info_hash', given.get('info_hash')),
    peerId: bytes20('peer_id', given.get('peer_id')),
    port,
    uploadedBytes: zeroIfUnknown(number('uploaded')),
    downloadedBytes: zeroIfUnknown(number('downloaded')),
    leftBytes: number('left'),
    event: eventOf(given.get('event')),
    wanted: given.get('numwant')?.startsWith('-') ? NaN : number('numwant'),
    isCompact: given.get('compact') !== '0',
    hidesPeerIds: given.get('no_peer_id') === '1',
  }
}

/** The info hashes that a scrape asks for (BEP 48), at least one. Throws ClientError. */
export function parseScrapeQuery(query: string): InfoHash[] {
  const hashes: InfoHash[] = []
  for (const [name, value] of pairs(query)) if (name === 'info_hash') hashes.push(bytes20('info_hash', value))
  if (hashes.length === 0)
    throw new ClientError('missing info_hash (this tracker does not list all its torrents)')
  if (hashes.length > MOST_SCRAPED)
    throw new ClientError(`too many info_hash: ${hashes.length} (at most ${MOST_SCRAPED})`)
  return hashes
}

/** Names and raw values; BitTorrent escapes bytes, not text, so that decodeURIComponent is of no use. */
function* pairs(query: string): Generator<[name: string, value: string]> {
  for (const part of query.split('&')) {
    const at = part.indexOf('=')
    if (at > 0) yield [part.slice(0, at), part.slice(at + 1)]
  }
}

/** 20 bytes of percent-encoding as 40 hex digits. */
function bytes20(name: string, text: string | undefined): string {
  let hex = ''
  for (let i = 0; text !== undefined && i < text.length && hex.length <= 40; i++) {
    const code = text.charCodeAt(i)
    if (code === 37) {
      const digits = text.slice(i + 1, i + 3)
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) throw new ClientError(`invalid ${name}: bad percent-encoding`)
      hex += digits
      i += 2
    } else if (code < 256) hex += code.toString(16).padStart(2, '0')
    else throw new ClientError(`invalid ${name}: bytes expected`)
  }
  if (hex.length !== 40) throw new ClientError(`invalid ${name}: 20 bytes expected`)
  return hex.toLowerCase()
}

/** Anything else than the three events is a regular announce; clients say `event=` or `event=paused` too. */
const eventOf = (text: string | undefined): BitTorrentAnnounce['event'] =>
  EVENTS.find((event) => event === text) ?? 'update'

const zeroIfUnknown = (value: number): number => (Number.isNaN(value) ? 0 : value)

const shown = (text: string | undefined): string => JSON.stringify((text ?? '').slice(0, 40))
