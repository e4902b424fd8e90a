import type { ContentId, PeerId } from './ids.ts'

/** Name of a room, as people type it: 1 to LIMITS.labelBytes bytes of UTF-8. */
export type RoomId = string

/** One content of a room's queue. */
export interface RoomTrack {
  readonly contentId: ContentId
  readonly durationMs: number
}

/**
 * Where a room is, on the time line of its whole queue: track after track without gaps. Positions are milliseconds from the
 * start of the first track.
 */
export interface RoomHead {
  /** The tracker's clock at which the room is, was or will be at `positionMs`. */
  readonly holdsAtMs: number
  readonly positionMs: number
  readonly isPlaying: boolean
  /** Playing speed, 1 for normal. */
  readonly rate: number
}

/** Comes into a room. What it says of the room counts only where the tracker does not know that room, or not any more. */
export interface RoomJoin {
  readonly type: 'room-join'
  readonly roomId: RoomId
  readonly memberId: PeerId
  readonly queue: readonly RoomTrack[]
  readonly positionMs: number
  readonly isPlaying: boolean
  readonly rate: number
}
/** The tracks of a room, to those that come and to all when it changes; before the state that refers to it. */
export interface RoomQueue {
  readonly type: 'room-queue'
  readonly roomId: RoomId
  readonly queue: readonly RoomTrack[]
}
/** Where the room is, to those that come and to all when it changes. */
export interface RoomState extends RoomHead {
  readonly type: 'room-state'
  readonly roomId: RoomId
  /** Names one life of the room at one tracker. */
  readonly epoch: number
  /** Grows with every change in an epoch. */
  readonly revision: number
  /** The member that may change the room. */
  readonly controllerId: PeerId
}

export const ROOM_ACTIONS = ['play', 'pause', 'seek', 'skip', 'enqueue'] as const
export type RoomAction = (typeof ROOM_ACTIONS)[number]

/** What the controlling member wants of its room; others are not heeded. */
export interface RoomControl {
  readonly type: 'room-control'
  readonly roomId: RoomId
  readonly action: RoomAction
  /** Where `seek` goes; where the member is that pauses or skips. */
  readonly positionMs: number
  /** Speed that `play` goes on with. */
  readonly rate: number
  /** What `enqueue` adds. */
  readonly tracks: readonly RoomTrack[]
}
export interface RoomLeave {
  readonly type: 'room-leave'
  readonly roomId: RoomId
}
/** Asks for the other side's clock; also a sign of life. */
export interface ClockPing {
  readonly type: 'clock-ping'
  readonly token: number
}
export interface ClockPong {
  readonly type: 'clock-pong'
  readonly token: number
  /** The answering side's clock, milliseconds. */
  readonly clockMs: number
}

export type RoomMessage = RoomJoin | RoomQueue | RoomState | RoomControl | RoomLeave | ClockPing | ClockPong
export type RoomMessageType = RoomMessage['type']

export const ROOM_MESSAGE_TYPES = [
  'room-join',
  'room-queue',
  'room-state',
  'room-control',
  'room-leave',
  'clock-ping',
  'clock-pong',
] as const satisfies readonly RoomMessageType[]
