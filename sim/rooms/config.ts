import { PLAYBACK_DEFAULTS, type PlaybackSettings } from '../../peer/core/playback-demand.ts'
import type { PlayerSettings } from '../../peer/core/player.ts'
import { ROOM_DEFAULTS, type RoomLinkSettings, type RoomSyncSettings } from '../../peer/core/room-options.ts'

/** What the person at the controlling member does; times between are exponential, null for never. */
export interface ControlHabits {
  readonly pauseEveryS: number | null
  /** Mean length of a pause. */
  readonly pauseForS: number
  /** Seeks go anywhere in the track. */
  readonly seekEveryS: number | null
  readonly skipEveryS: number | null
}

/** How members lose their connection to everybody; times are exponential, null for never. */
export interface ConnectionLosses {
  readonly everyS: number | null
  readonly forS: number
}

/** How wrong members' clocks are. */
export interface MemberClocks {
  /** Offsets are uniform between plus and minus this. */
  readonly offsetMs: number
  /** Drifts are uniform between plus and minus this, parts per million. */
  readonly driftPpm: number
}

/** People who listen together. */
export interface RoomsConfig {
  readonly kind: 'rooms'
  /** The swarm's peers are dealt to rooms of this size; the last one may be smaller. */
  readonly membersPerRoom: number
  /** Tracks that there are, and how many of them each room queues. */
  readonly contents: number
  readonly tracksPerRoom: number
  /** Lengths of tracks are uniform between these. */
  readonly leastTrackS: number
  readonly mostTrackS: number
  /** Bytes of one second of a track. */
  readonly byteRateBps: number
  readonly chunkBytes: number
  /** How long a room is open. */
  readonly listenS: number
  /** Members come within so long of the first one. */
  readonly gatherS: number
  /** Share of the members that come later, at any time of the first four fifths of the room's life. */
  readonly lateShare: number
  readonly controls: ControlHabits
  readonly losses: ConnectionLosses
  readonly clocks: MemberClocks
  /** How often the positions of all members are compared with the truth. */
  readonly sampleMs: number
  readonly player: PlayerSettings
  readonly playback: PlaybackSettings
  readonly link: RoomLinkSettings
  readonly sync: RoomSyncSettings
}

/** A bit rate of 160 kbit/s and chunks of 64 kB (3.2 s). Habits, sizes and clocks are assumptions. */
export const ROOMS_WORKLOAD_DEFAULTS: RoomsConfig = {
  kind: 'rooms',
  membersPerRoom: 8,
  contents: 40,
  tracksPerRoom: 12,
  leastTrackS: 120,
  mostTrackS: 300,
  byteRateBps: 20_000,
  chunkBytes: 64_000,
  listenS: 900,
  gatherS: 20,
  lateShare: 0.25,
  controls: { pauseEveryS: 180, pauseForS: 15, seekEveryS: 120, skipEveryS: 150 },
  losses: { everyS: 600, forS: 10 },
  clocks: { offsetMs: 60_000, driftPpm: 50 },
  sampleMs: 100,
  player: { startBufferMs: 1_000, resumeBufferMs: 1_000 },
  playback: PLAYBACK_DEFAULTS,
  link: ROOM_DEFAULTS.link,
  sync: ROOM_DEFAULTS.sync,
}
