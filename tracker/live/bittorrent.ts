import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { formatEndpoint } from '../../peer/protocol/endpoint.ts'
import type { PeerId } from '../../peer/protocol/ids.ts'
import type { Tracker } from '../core/tracker.ts'
import type { Member } from '../core/member.ts'
import { compactEndpoint, endpointNumber } from './compact-endpoint.ts'

/** Info hash of a torrent: 40 lower-case hex digits (BEP 3). */
export type InfoHash = string

/** Address family that a client reaches the tracker over, or wants peers of. */
export type Family = 4 | 6

/** An announce of a BitTorrent client, whichever of its protocols it came by. */
export interface BitTorrentAnnounce {
  readonly infoHash: InfoHash
  readonly peerId: PeerId
  /** Where the announce came from; what a client says of its own address is not believed. */
  readonly host: string
  readonly port: number
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  /** NaN where the client does not know. */
  readonly leftBytes: number
  readonly event: 'started' | 'completed' | 'stopped' | 'update'
  /** NaN where the client does not say. */
  readonly wanted: number
  /** What a client is known by when its address changes (`key` of BEP 15 and of HTTP announces); 0 where it has none. */
  readonly key: number
}

/** What an announce is answered with. */
export interface BitTorrentAnswer {
  readonly seeds: number
  readonly leechers: number
  readonly intervalMs: number
  /** Best first. */
  readonly listed: readonly Member[]
  /** Their addresses as `endpointNumber` makes them, NaN for IPv6; good until the next announce. */
  readonly endpoints: Float64Array
}

const NO_ENDPOINTS = new Float64Array(0)

/** What a scrape tells of one torrent (BEP 48). */
export interface ScrapeFigures {
  readonly seeds: number
  readonly leechers: number
  /** Downloads that were completed while the tracker has known the swarm. */
  readonly completed: number
}

/** Peers named where a client does not say how many it wants (BEP 3). */
const DEFAULT_WANTED = 50
const MOST_WANTED = 200

// A torrent's tracker sees no pieces: a member has all of it or not.
export const WHOLE = ChunkSet.full(1)
export const NOT_WHOLE = new ChunkSet(1)

/** Lets BitTorrent clients use a tracker core; the protocols' own parts only parse and write. */
export class BitTorrentSwarms {
  readonly #tracker: Tracker
  readonly #regionOf: (host: string) => string

  /** `regionOf` names the region of an IP address, empty where it is not known. */
  constructor(tracker: Tracker, regionOf: (host: string) => string = () => '') {
    this.#tracker = tracker
    this.#regionOf = regionOf
  }

  /** Takes an announce; only peers of `family` are named where one is given. Undefined where a limit forbids it. */
  announce(announce: BitTorrentAnnounce, family?: Family): BitTorrentAnswer | undefined {
    const { infoHash, peerId, host, port, leftBytes, event, key } = announce
    if (event === 'stopped') return this.#stop(announce)
    const isWhole = leftBytes === 0
    const wanted = Number.isNaN(announce.wanted) ? DEFAULT_WANTED : Math.min(announce.wanted, MOST_WANTED)
    const answer = this.#tracker.announce(
      {
        contentId: infoHash,
        peerId,
        address: formatEndpoint(host, port),
        region: this.#regionOf(host),
        event,
        key,
        isOrigin: false,
        uploadSlots: NaN,
        active: NaN,
        queued: NaN,
        uploadedBytes: announce.uploadedBytes,
        downloadedBytes: announce.downloadedBytes,
        chunks: isWhole ? WHOLE : NOT_WHOLE,
        completeness: isWhole ? 1 : heldShare(announce),
        wanted,
        family: hostFamily(host),
        endpoint: endpointNumber(host, port),
      },
      family,
    )
    if (!answer) return undefined
    const { swarm, intervalMs, listed, endpoints } = answer
    return { seeds: swarm.seeds, leechers: swarm.leechers, intervalMs, listed, endpoints }
  }

  scrape(infoHash: InfoHash): ScrapeFigures {
    const swarm = this.#tracker.swarm(infoHash)
    return { seeds: swarm?.seeds ?? 0, leechers: swarm?.leechers ?? 0, completed: swarm?.completions ?? 0 }
  }

  #stop({ infoHash, peerId, host, key }: BitTorrentAnnounce): BitTorrentAnswer {
    this.#tracker.leaveFrom(infoHash, peerId, host, key)
    const { seeds, leechers } = this.scrape(infoHash)
    return { seeds, leechers, intervalMs: this.#tracker.announceMs, listed: [], endpoints: NO_ENDPOINTS }
  }
}

/**
 * Compact form of a member's address: 6 bytes for IPv4 (BEP 23), 18 for IPv6 (BEP 7), a character a byte; made once a change
 * of address.
 */
export function compactOf(member: Member): string {
  const known = member.context
  if (typeof known === 'string') return known
  const compact = compactEndpoint(member.address).toString('latin1')
  member.context = compact
  return compact
}

/** Family that a client is reached over. */
export const hostFamily = (host: string): Family =>
  !host.includes(':') || host.startsWith('::ffff:') ? 4 : 6

/** What it has downloaded over what that and the rest make; a client that began with a part looks emptier than it is. */
function heldShare({ downloadedBytes, leftBytes }: BitTorrentAnnounce): number {
  const totalBytes = downloadedBytes + leftBytes
  return totalBytes > 0 ? downloadedBytes / totalBytes : NaN
}
