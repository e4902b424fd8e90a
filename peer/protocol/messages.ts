import type { ChunkSet } from './chunk-set.ts'
import type { Address, ContentId, PeerId } from './ids.ts'
import type { RoomMessage } from './room-messages.ts'
import type { SearchMessage } from './search-messages.ts'

/** Load of an uploader as it says itself: transfers under way and requests waiting, each at most 255. */
export interface Load {
  readonly active: number
  readonly queued: number
}

/** First message of both sides of a link. */
export interface Handshake {
  readonly type: 'handshake'
  readonly contentId: ContentId
  readonly peerId: PeerId
  /** Where the sender accepts links; empty where it accepts none. */
  readonly address: Address
  readonly region: string
  readonly isOrigin: boolean
  readonly uploadSlots: number
}
/** Which chunks the sender holds; sent once, after the handshake. */
export interface Bitfield {
  readonly type: 'bitfield'
  readonly chunks: ChunkSet
}
/** The sender now holds one more chunk. */
export interface Have extends Load {
  readonly type: 'have'
  readonly chunk: number
}
/**
 * Which chunks of a live stream the sender holds besides those it has told of: of `chunks.size` numbers from `first` on, the
 * full number of a chunk (not its low bits, so that a newcomer learns where the stream is).
 */
export interface Window extends Load {
  readonly type: 'window'
  readonly first: number
  readonly chunks: ChunkSet
}
/** Whether the receiver holds something that the sender wants. */
export interface Interested {
  readonly type: 'interested'
  readonly interested: boolean
}
/** The sender answers no more requests on this link for now; requests that wait are dropped. */
export interface Choke {
  readonly type: 'choke'
}
/** The sender takes requests on this link. */
export interface Unchoke extends Load {
  readonly type: 'unchoke'
}
/** Asks for one chunk. `requestId` is chosen by the requester and unique on the link. */
export interface Request {
  readonly type: 'request'
  readonly requestId: number
  readonly chunk: number
}
/** Header of a chunk's data; `bytes` of payload follow it. */
export interface ChunkHeader extends Load {
  readonly type: 'chunk'
  readonly requestId: number
  readonly chunk: number
  readonly bytes: number
}
/** The requester no longer wants the answer to a request. */
export interface Cancel {
  readonly type: 'cancel'
  readonly requestId: number
}
/** The uploader refuses a request: its slots and its queue are full. */
export interface Busy extends Load {
  readonly type: 'busy'
  readonly requestId: number
}

export type AnnounceEvent = 'started' | 'update' | 'completed'

/** A peer tells the tracker that it is there, what it holds, and how many candidates it wants. */
export interface Announce extends Load {
  readonly type: 'announce'
  readonly contentId: ContentId
  readonly peerId: PeerId
  readonly address: Address
  readonly region: string
  readonly event: AnnounceEvent
  readonly isOrigin: boolean
  readonly uploadSlots: number
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  readonly chunks: ChunkSet
  /** Share of the content's bytes that the peer holds, where `chunks` does not say it. */
  readonly completeness?: number
  /** How many candidates the peer wants; 0 for none. */
  readonly wanted: number
}
/** A peer of the swarm as the tracker knows it. Unknown figures are NaN. */
export interface Candidate extends Load {
  readonly peerId: PeerId
  readonly address: Address
  readonly region: string
  readonly isOrigin: boolean
  readonly uploadSlots: number
  /** Share of the content's chunks that the peer held at its last announce, 0 to 1. */
  readonly completeness: number
  readonly sessionAgeMs: number
  /** Time since the load figures were announced. */
  readonly loadAgeMs: number
  /** Mean goodput that others report of it, bytes per second. */
  readonly goodputBps: number
  /** Share of the fetches others report of it that went well, 0 to 1. */
  readonly successShare: number
  /** Upload rate between its last two announces, bytes per second. */
  readonly uploadBps: number
}
/** The tracker's answer to an announce, best candidate first. */
export interface Candidates {
  readonly type: 'candidates'
  readonly contentId: ContentId
  /** When the peer should announce next. */
  readonly intervalMs: number
  readonly seeds: number
  readonly leechers: number
  /** The policy that ordered the candidates, and its version. */
  readonly policy: string
  readonly policyVersion: string
  readonly candidates: readonly Candidate[]
}

/** How a fetch ended. */
export const FETCH_RESULTS = [
  'ok',
  'timeout',
  'cancelled',
  'corrupt',
  'disconnected',
  'rescued',
  'busy',
] as const
export type FetchResult = (typeof FETCH_RESULTS)[number]

export interface FetchReport {
  readonly seedId: PeerId
  readonly result: FetchResult
  readonly bytes: number
  readonly durationMs: number
}
/** What a peer's last fetches were like, seed by seed. */
export interface OutcomeReport {
  readonly type: 'report'
  readonly contentId: ContentId
  readonly peerId: PeerId
  readonly reports: readonly FetchReport[]
}
/** The peer leaves the swarm. */
export interface Leave {
  readonly type: 'leave'
  readonly contentId: ContentId
  readonly peerId: PeerId
}

export type PeerMessage =
  Handshake | Bitfield | Have | Window | Interested | Choke | Unchoke | Request | ChunkHeader | Cancel | Busy
export type TrackerMessage = Announce | Candidates | OutcomeReport | Leave
export type Message = PeerMessage | TrackerMessage | RoomMessage | SearchMessage
export type MessageType = Message['type']
