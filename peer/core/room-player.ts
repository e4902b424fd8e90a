import type { RoomTrack } from '../protocol/room-messages.ts'

/** What a member of a room needs of whatever plays the tracks. Positions are milliseconds within a track. */
export interface RoomPlayer {
  /** Number in the queue of the track that is loaded; undefined for none. */
  readonly track: number | undefined
  /** The position that is heard, or was last. */
  readonly positionMs: number
  readonly rate: number
  /** `paused`: no sound is wanted; `waiting`: it is, but there is no media; `ended`: the track has been heard. */
  readonly state: 'paused' | 'waiting' | 'sounding' | 'ended'
  /** Goes to a place, in another track perhaps; `isPlaying` says whether sound is wanted there. */
  goTo(number: number, track: RoomTrack, positionMs: number, isPlaying: boolean): void
  play(): void
  pause(): void
  setRate(rate: number): void
  /** Whether the sound would begin at once at a place. */
  isReady(number: number, track: RoomTrack, positionMs: number): boolean
  /** Fetches what will be needed soon. */
  prepare(number: number, track: RoomTrack): void
}

/** What a player tells the member. Never called from inside a call of RoomPlayer, but for those that begin the sound. */
export interface RoomPlayerEvents {
  /** The sound has begun, or goes on, after a wait for media of so long. */
  sounds(waitedMs: number): void
  /** The end of the track has been heard. */
  ended(): void
}
