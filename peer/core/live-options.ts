import type { StreamManifest } from '../protocol/stream.ts'
import { chunkIntervalMs } from '../protocol/stream.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { MemberPorts } from '../ports/ports.ts'
import type { StreamVerifier } from '../ports/stream-verifier.ts'
import type { SwarmOptions } from './options.ts'

/**
 * Which of the chunks that neighbours offer is fetched next: any, the newest (both as in Bonald et al., "Epidemic live
 * streaming: optimal performance trade-offs", SIGMETRICS 2008), or the one that is due first.
 */
export const CHUNK_CHOICES = ['random-useful', 'latest-useful', 'deadline-first'] as const
export type ChunkChoice = (typeof CHUNK_CHOICES)[number]

/** How the members of a live stream behave. */
export interface LiveSettings {
  readonly chunkChoice: ChunkChoice
  /** Time between the oldest and the newest chunk that a peer keeps track of. */
  readonly windowMs: number
  /** What a viewer gathers before it plays; it starts so far behind the newest chunk. */
  readonly startBufferMs: number
  /** A viewer that has waited so long for its first chunks plays what it has. */
  readonly startPatienceMs: number
  /** Chunks are discarded so long after they were played. */
  readonly keepPlayedMs: number
  /** A viewer that could play nothing for so long, at least for a chunk's time, starts anew at the newest chunk. */
  readonly resyncMs: number
  /** Longest time-out of a fetch; less where fetches usually take less, by `fetchTimeoutFactor`. */
  readonly fetchTimeoutMs: number
  /** A neighbour that was busy or failed is left alone this long, doubled with each further time in a row up to 16 times. */
  readonly backoffMs: number
  /** How often a viewer moves its window and looks after fetches that take too long. */
  readonly tickMs: number
  /** News of new chunks is gathered for so long and told at once; 0: told chunk by chunk. */
  readonly newsMs: number
  /** A standby source takes over when neighbours have told of no new chunk for so long. */
  readonly takeoverMs: number
}

export const LIVE_DEFAULTS: LiveSettings = {
  chunkChoice: 'latest-useful',
  windowMs: 20_000,
  startBufferMs: 4_000,
  startPatienceMs: 8_000,
  keepPlayedMs: 2_000,
  resyncMs: 10_000,
  fetchTimeoutMs: 2_000,
  backoffMs: 200,
  tickMs: 100,
  newsMs: 0,
  takeoverMs: 2_000,
}

/** What a member of a live stream needs of the world. */
export interface LivePorts extends MemberPorts {
  readonly verifier: StreamVerifier
}

export interface LiveOptions extends SwarmOptions {
  readonly manifest: StreamManifest
  readonly live: LiveSettings
}

export interface LivePeerOptions extends LiveOptions {
  /** Playback begins, or begins anew, with the chunk of that full number. */
  readonly onStart?: (first: number) => void
  /** A chunk has been verified and kept. */
  readonly onChunk?: (number: number, body: ChunkBody) => void
  /** A chunk is due; `undefined` where it is not there. Called in order, up to a tick late. */
  readonly onPlay?: (number: number, body: ChunkBody | undefined) => void
}

export interface LiveSourceOptions extends LiveOptions {
  /** A standby is fed like the source, and silent until the stream fails. */
  readonly isStandby: boolean
  /** A standby has begun to emit. */
  readonly onTakeover?: () => void
}

/** How many chunks of a stream fit into a time, at least one. */
export const chunksIn = (manifest: StreamManifest, ms: number): number =>
  Math.max(1, Math.ceil(ms / chunkIntervalMs(manifest)))

/** Chunks of the window, no more than the protocol allows. */
export const windowChunksOf = ({ manifest, live }: LiveOptions): number =>
  Math.min(LIMITS.windowChunks, chunksIn(manifest, live.windowMs))
