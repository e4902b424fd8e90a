import type { Address, PeerId } from '../protocol/ids.ts'

/** What a peer tells trackers of its transfers (BEP 3). */
export interface TransferFigures {
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  /** NaN while the torrent itself is not known. */
  readonly leftBytes: number
}

/** What a BitTorrent announce says, over whichever protocol (BEP 3, BEP 15). */
export interface AnnounceRequest extends TransferFigures {
  /** 40 hex digits. */
  readonly infoHash: string
  readonly peerId: PeerId
  /** Where this peer listens. */
  readonly port: number
  readonly event: 'started' | 'completed' | 'stopped' | 'update'
  readonly wanted: number
  /** Tells this peer from others behind its address. */
  readonly key: number
}

export interface AnnouncedPeer {
  readonly address: Address
  /** Undefined where the answer has addresses only. */
  readonly peerId: PeerId | undefined
}

export interface AnnounceAnswer {
  readonly intervalMs: number
  readonly seeds: number
  readonly leechers: number
  readonly peers: readonly AnnouncedPeer[]
}

/** Announces to one tracker, which the user has named, or a torrent. Rejects with TrackerError. */
export type Announcer = (
  url: string,
  request: AnnounceRequest,
  signal: AbortSignal,
  isNamedByUser: boolean,
) => Promise<AnnounceAnswer>

/** Most peers taken from one answer. */
export const MOST_ANNOUNCED = 200
const LEAST_INTERVAL_MS = 1_000
const MOST_INTERVAL_MS = 3_600_000

/** A tracker's interval in seconds, within reason. */
export const intervalMs = (seconds: unknown): number =>
  Math.min(MOST_INTERVAL_MS, Math.max(LEAST_INTERVAL_MS, 1000 * (Number(seconds) || 1800)))
