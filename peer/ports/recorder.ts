import type { ContentId, PeerId } from '../protocol/ids.ts'
import type { FetchResult } from '../protocol/messages.ts'
import type { DecisionPlace } from './ranker.ts'

/** One decision and what came of it. Times are milliseconds of the node's clock; durations milliseconds; unknown is NaN. */
export interface OutcomeRow {
  readonly place: DecisionPlace
  readonly contentId: ContentId
  /** The peer that fetched, or for whom the tracker ranked. */
  readonly requesterId: PeerId
  readonly requesterRegion: string
  readonly decidedMs: number
  /** Chunk asked for; -1 for a tracker's decision. */
  readonly chunk: number
  /** 1 for the first try at this chunk. */
  readonly attempt: number
  readonly policy: string
  readonly policyVersion: string
  /** Policy and version of the tracker that named the chosen seed, and the seed's place in its list (-1: not named by it). */
  readonly trackerPolicy: string
  readonly trackerPolicyVersion: string
  readonly trackerRank: number
  /** The whole candidate set as seen at that moment. */
  readonly candidateIds: readonly PeerId[]
  /** Row-major [candidates, FEATURE_COUNT]. */
  readonly features: Float32Array
  readonly scores: Float32Array
  /** Index of the chosen candidate. */
  readonly chosen: number
  readonly propensity: number
  readonly explored: boolean
  /** Why the fetch was made: a normal one, a duplicate of the end game, or a fallback to the origin. */
  readonly reason: FetchReason
  /** How it ended; `listed` for a tracker's decision, `shadow` for what another policy would have decided in its place. */
  readonly result: FetchResult | 'listed' | 'shadow'
  /** Time it took to set up the link to the chosen seed. */
  readonly connectMs: number
  /** From request to first byte. */
  readonly ttfbMs: number
  /** From request to the end of the fetch. */
  readonly durationMs: number
  /** Payload bytes that arrived whole. */
  readonly bytes: number
  /** Fetches under way at the requester when it decided, this one not counted. */
  readonly requesterInflight: number
  /** Load of the chosen seed as its answer told. */
  readonly seedActive: number
  readonly seedQueued: number
  /** Time left until the chunk was needed, at its end; NaN where there is no deadline. */
  readonly deadlineSlackMs: number
}

export type FetchReason = 'normal' | 'endgame' | 'origin'

/** Takes outcome rows. */
export interface Recorder {
  /** Whether the decision about to be made will be recorded; where not, its features need not be computed. */
  wants(place: DecisionPlace): boolean
  /** Takes a row and owns it from then on. */
  record(row: OutcomeRow): void
}
