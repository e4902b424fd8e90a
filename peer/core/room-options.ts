import type { Address, PeerId } from '../protocol/ids.ts'
import type { RoomId, RoomTrack } from '../protocol/room-messages.ts'

/** How a member that is out of step gets back: by playing a little faster or slower, by jumping, or not at all. */
export type DriftCorrection = 'rate' | 'jump' | 'none'

/** How a member keeps its link to the tracker. */
export interface RoomLinkSettings {
  /** A link whose set-up takes longer is given up. */
  readonly connectTimeoutMs: number
  /** First pause before a lost link is opened again; doubles up to `maxBackoffMs`; half of it is drawn at random. */
  readonly backoffMs: number
  readonly maxBackoffMs: number
  /** How often the tracker's clock is asked for. */
  readonly pingMs: number
  /** How often at first, and for how many questions: a good estimate is wanted soon. */
  readonly firstPingMs: number
  readonly firstPings: number
  /** A tracker that says nothing for so long is taken for lost. */
  readonly silenceMs: number
  /** Answers among which the best one is taken for the clock offset. */
  readonly clockWindow: number
}

/** How a member keeps in step. */
export interface RoomSyncSettings {
  /** How often the own position is compared with the room's. */
  readonly checkMs: number
  /** A drift up to this is left alone. */
  readonly toleranceMs: number
  readonly correction: DriftCorrection
  /** Change of the playing speed by which a drift is corrected, 0 to 1. */
  readonly rateChange: number
  /** Larger drifts are corrected by a jump even where correction is by rate. */
  readonly maxRateDriftMs: number
  /** A member that is ahead by no more than this waits for the room rather than going back. */
  readonly maxHoldMs: number
  /** Wait for media expected after a jump until one was measured; how far a jump may aim ahead for it. */
  readonly expectedStartMs: number
  readonly maxLeadMs: number
  /** How long before the end of a track the next one is prepared. */
  readonly prepareMs: number
}

export interface RoomSettings {
  readonly link: RoomLinkSettings
  readonly sync: RoomSyncSettings
}

/**
 * Check and tolerance are the product's; the window is that of NTP's clock filter (RFC 5905); the expected start is the 95th
 * percentile of waits for media that rooms.yaml measures; the rest are assumptions.
 */
export const ROOM_DEFAULTS: RoomSettings = {
  link: {
    connectTimeoutMs: 4_000,
    backoffMs: 500,
    maxBackoffMs: 15_000,
    pingMs: 5_000,
    firstPingMs: 250,
    firstPings: 8,
    silenceMs: 12_000,
    clockWindow: 8,
  },
  sync: {
    checkMs: 5_000,
    toleranceMs: 500,
    correction: 'rate',
    rateChange: 0.05,
    maxRateDriftMs: 2_000,
    maxHoldMs: 3_000,
    expectedStartMs: 1_500,
    maxLeadMs: 5_000,
    prepareMs: 20_000,
  },
}

export interface RoomOptions {
  readonly roomId: RoomId
  readonly memberId: PeerId
  /** One or more, best first. */
  readonly trackers: readonly Address[]
  /** What the room plays if this member is the first in it. */
  readonly queue: readonly RoomTrack[]
  readonly settings: RoomSettings
  readonly events?: RoomEvents
}

export interface RoomEvents {
  /** The room has changed, or this member has learnt of it. */
  changed?(): void
  /** A drift is being corrected; `hold` is a wait for the room. */
  corrected?(kind: CorrectionKind, driftMs: number): void
  /** The link to the tracker is up and the room's state is known, for the first time or again. */
  joined?(): void
  /** The link to the tracker is gone. */
  lost?(): void
}

export type CorrectionKind = 'rate' | 'jump' | 'hold'
