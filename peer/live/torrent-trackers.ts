import { ChunkSet } from '../protocol/chunk-set.ts'
import { isHttpAddress } from '../protocol/endpoint.ts'
import { type Address, quote } from '../protocol/ids.ts'
import { bytesLeft, type Manifest } from '../protocol/manifest.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { Link } from '../ports/network.ts'
import { isAnnounceUrl } from './announce-network.ts'
import { TrackerError } from './errors.ts'
import { HttpTrackerNetwork } from './http-tracker-link.ts'
import { parseTrackerUrl } from './tracker-api.ts'

/** Whether an address is a tracker's that is asked for WebRTC peers. */
export const isWsTracker = (url: string): boolean => /^wss?:\/\//i.test(url)

/** A tracker as a user names it, the address of a Seedbed tracker or any announce URL. Throws TrackerError. */
export function parseTorrentTracker(text: string): Address {
  if (URL.canParse(text) && (isAnnounceUrl(text) || isWsTracker(text))) return text
  if (isHttpAddress(text)) return parseTrackerUrl(text)
  throw new TrackerError(
    'E_TRACKER_URL',
    `invalid tracker: ${quote(text)} (http://HOST:PORT of a Seedbed tracker, or an announce URL: http://…/announce, udp://…, ws://…)`,
  )
}

/** What other clients announce to: Seedbed's trackers take their announces, too. */
export const announceUrlOf = (tracker: Address): string =>
  isAnnounceUrl(tracker) || isWsTracker(tracker) ? tracker : `${tracker}/announce`

/** The trackers that the core announces to, best first: Seedbed's own before others, and none of them twice. */
export function coreTrackers(given: readonly Address[], named: readonly string[]): Address[] {
  const trackers = new Set(given.filter((url) => !isWsTracker(url)))
  const known = new Set(given.map(announceUrlOf))
  for (const url of named) if (isAnnounceUrl(url) && !known.has(url)) trackers.add(url)
  return [...trackers]
}

/**
 * Seedbed's own messages to its trackers, for torrents: members that speak BitTorrent only tell whether they have
 * everything, so that the chunks of nobody in the swarm are told one by one, only how much of the content is there.
 */
export class TorrentMessages extends HttpTrackerNetwork {
  readonly #manifest: Manifest

  constructor(manifest: Manifest, trackers?: number) {
    super(trackers)
    this.#manifest = manifest
  }

  override send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    if (message.type !== 'announce') return super.send(link, message)
    const chunks = message.chunks.isFull ? ChunkSet.full(1) : new ChunkSet(1)
    const completeness = 1 - bytesLeft(this.#manifest, message.chunks) / this.#manifest.totalBytes
    super.send(link, { ...message, chunks, completeness })
  }
}
