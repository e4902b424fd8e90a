import type { Address, ContentId, PeerId } from '../protocol/ids.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { FetchResult } from '../protocol/messages.ts'
import type { FetchReason } from '../ports/recorder.ts'
import type { UploadSlots } from './upload-slots.ts'

/** Order in which missing chunks are fetched. */
export type ChunkOrder =
  | { readonly kind: 'rarest-first' }
  /** Chunks in order, rarest first inside a window that starts at the first missing chunk. */
  | { readonly kind: 'window'; readonly chunks: number }

/** How a peer behaves; the same for all peers of an experiment unless a config says otherwise. */
export interface PeerSettings {
  /** Most links to other peers, incoming ones included. */
  readonly maxNeighbours: number
  /** The peer dials candidates until it has this many links. */
  readonly targetNeighbours: number
  /** Candidates asked for in one announce. */
  readonly wantedCandidates: number
  /** Candidates remembered from the tracker, linked or not. */
  readonly maxKnownCandidates: number
  /** A link whose set-up takes longer is given up. */
  readonly connectTimeoutMs: number
  readonly chunkOrder: ChunkOrder
  /** Fetches under way at once, end-game duplicates included. */
  readonly maxFetches: number
  /** Fetches under way at once from one seed. */
  readonly maxFetchesPerSeed: number
  /** Most holders shown to the ranker; a random subset where there are more. */
  readonly maxCandidates: number
  /** Bounds of the fetch time-out; in between it is `fetchTimeoutFactor` times the mean duration of own fetches. */
  readonly minFetchTimeoutMs: number
  readonly maxFetchTimeoutMs: number
  readonly fetchTimeoutFactor: number
  /** A seed that was busy or failed is left alone this long, doubled with each further time in a row up to 16 times. */
  readonly seedBackoffMs: number
  /** Most fetches of one chunk at once in the end game; 1 turns the end game off. */
  readonly endgameCopies: number
  /** A peer that got nothing from other peers for so long asks the origin; at once where it knows no others. */
  readonly originAfterMs: number
  /** Failed tries after which a chunk may be fetched from the origin. */
  readonly originAfterFailures: number
  readonly uploadSlots: number
  /** Requests that wait for a slot; further ones are answered with `busy`. */
  readonly uploadQueue: number
  /** Requests of one neighbour that may wait or be served at once. */
  readonly uploadsPerNeighbour: number
  /** Neighbours unchoked at once; 0 for a free-rider. */
  readonly maxUnchoked: number
  /** How often places among the unchoked are passed on where more neighbours are interested. */
  readonly chokeRoundMs: number
  /** Corrupt chunks from one seed after which it is banned. */
  readonly corruptLimit: number
  /** First pause after an announce that failed, or was answered with nobody; doubles up to `maxAnnounceBackoffMs`. */
  readonly announceBackoffMs: number
  readonly maxAnnounceBackoffMs: number
  /** A peer that has kept no new chunk for so long gives up, says why and leaves; 0 for never. */
  readonly giveUpMs: number
  /** How often fetch reports are sent to the tracker; 0 for never. */
  readonly reportMs: number
  /** How often neighbours are told how fetches went; 0 for never, and for not listening to them. */
  readonly gossipMs: number
}

export const PEER_DEFAULTS: PeerSettings = {
  maxNeighbours: 40,
  targetNeighbours: 20,
  wantedCandidates: 40,
  maxKnownCandidates: 200,
  connectTimeoutMs: 10_000,
  chunkOrder: { kind: 'rarest-first' },
  maxFetches: 6,
  maxFetchesPerSeed: 2,
  maxCandidates: 32,
  minFetchTimeoutMs: 30_000,
  maxFetchTimeoutMs: 120_000,
  fetchTimeoutFactor: 4,
  seedBackoffMs: 1_000,
  endgameCopies: 2,
  originAfterMs: 5_000,
  originAfterFailures: 4,
  uploadSlots: 4,
  uploadQueue: 8,
  uploadsPerNeighbour: 2,
  maxUnchoked: 64,
  chokeRoundMs: 10_000,
  corruptLimit: 1,
  announceBackoffMs: 2_000,
  maxAnnounceBackoffMs: 60_000,
  giveUpMs: 0,
  reportMs: 10_000,
  gossipMs: 0,
}

/** An origin that a peer knows without a tracker. */
export interface KnownOrigin {
  readonly peerId: PeerId
  readonly address: Address
  readonly region: string
}

/** What every member of a swarm is told, whatever is shared there. */
export interface SwarmOptions {
  readonly peerId: PeerId
  /** Where this peer accepts links. */
  readonly address: Address
  readonly region: string
  /** An origin serves whoever asks it as a fallback; other peers leave it out of their seed choice. */
  readonly isOrigin: boolean
  readonly manifest: { readonly contentId: ContentId }
  /** Announced to one at a time: the first that answers, in this order. None where peers become known in other ways. */
  readonly trackers: readonly Address[]
  readonly settings: PeerSettings
  /** Origins known from the start; the tracker may name more. */
  readonly origins?: readonly KnownOrigin[]
  /** Upload slots shared with other members of the same node; `settings.uploadSlots` of its own where it is left out. */
  readonly sharedSlots?: UploadSlots
  /** Called at the end of every fetch, recorded or not. */
  readonly onFetchEnd?: (result: FetchResult, durationMs: number, fetch: FetchFacts) => void
}

/** Why a peer has given up: no tracker answered and nobody was there; nobody was there; or nobody gave what is missing. */
export type FailureReason = 'no-tracker' | 'no-peers' | 'no-chunks'

export interface PeerOptions extends SwarmOptions {
  readonly manifest: Manifest
  /** Called once, when the last chunk has been verified and kept. */
  readonly onComplete?: () => void
  /** Called once where the peer gives up, after it has left. */
  readonly onFail?: (reason: FailureReason) => void
  /** Called for each chunk verified and kept. */
  readonly onChunk?: (chunk: number) => void
}

/** What an observer may know of a fetch. */
export interface FetchFacts {
  readonly chunk: number
  /** Where the seed accepts links. */
  readonly seed: Address
  /** 1 for the first try at this chunk. */
  readonly attempt: number
  readonly reason: FetchReason
}
