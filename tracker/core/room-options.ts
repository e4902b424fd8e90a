/** How rooms are kept. */
export interface RoomsSettings {
  readonly maxRooms: number
  readonly maxMembersPerRoom: number
  /** Tracks of one queue, played ones included; at most LIMITS.roomTracks. */
  readonly maxTracks: number
  /** A member of whom nothing was heard for so long is forgotten. */
  readonly expiryMs: number
  /** How far ahead a start, a seek or a skip is set, so that the news reaches everybody before the music starts. */
  readonly startLeadMs: number
  /** Changes of a room are told no more often than this; what comes sooner is told together, in the last state. */
  readonly newsGapMs: number
}

/** The lead covers the one-way delay of most pairs of regions; the other values are assumptions. */
export const ROOMS_DEFAULTS: RoomsSettings = {
  maxRooms: 10_000,
  maxMembersPerRoom: 200,
  maxTracks: 200,
  expiryMs: 30_000,
  startLeadMs: 200,
  newsGapMs: 50,
}
