import { ProtocolError } from './errors.ts'
import { DIGEST_BYTES, PEER_ID_BYTES } from './ids.ts'
import { LIMITS } from './limits.ts'
import { ROOM_ACTIONS, type RoomMessage, type RoomMessageType, type RoomTrack } from './room-messages.ts'
import { type WireReader, type WireWriter, textBytes } from './wire.ts'

// Bodies of the frames that rooms exchange; codec.ts writes what stands around them.

const TRACK_BYTES = DIGEST_BYTES + 4

/** Bytes of a room message's fields. */
export function roomBodyBytes(m: RoomMessage): number {
  switch (m.type) {
    case 'room-join':
      return textBytes(m.roomId) + PEER_ID_BYTES + queueBytes(m.queue) + 8 + 1 + 8
    case 'room-queue':
      return textBytes(m.roomId) + queueBytes(m.queue)
    case 'room-state':
      return textBytes(m.roomId) + 8 + PEER_ID_BYTES + 8 + 8 + 1 + 8
    case 'room-control':
      return textBytes(m.roomId) + 1 + 8 + 8 + queueBytes(m.tracks)
    case 'room-leave':
      return textBytes(m.roomId)
    case 'clock-ping':
      return 4
    case 'clock-pong':
      return 12
  }
}

const queueBytes = (queue: readonly RoomTrack[]): number => 1 + queue.length * TRACK_BYTES

/** Writes the fields. Throws ProtocolError where one exceeds its limit. */
export function writeRoomBody(out: WireWriter, m: RoomMessage): void {
  switch (m.type) {
    case 'room-join':
      writeRoomId(out, m.roomId)
      out.hex(m.memberId, PEER_ID_BYTES)
      writeQueue(out, m.queue)
      out.f64(position(m.positionMs))
      out.u8(Number(m.isPlaying))
      return out.f64(rate(m.rate))
    case 'room-queue':
      writeRoomId(out, m.roomId)
      return writeQueue(out, m.queue)
    case 'room-state':
      writeRoomId(out, m.roomId)
      out.u32(m.epoch)
      out.u32(m.revision)
      out.hex(m.controllerId, PEER_ID_BYTES)
      out.f64(clockTime(m.holdsAtMs))
      out.f64(position(m.positionMs))
      out.u8(Number(m.isPlaying))
      return out.f64(rate(m.rate))
    case 'room-control':
      writeRoomId(out, m.roomId)
      out.u8(ROOM_ACTIONS.indexOf(m.action))
      out.f64(position(m.positionMs))
      out.f64(rate(m.rate))
      return writeQueue(out, m.tracks)
    case 'room-leave':
      return writeRoomId(out, m.roomId)
    case 'clock-ping':
      return out.u32(m.token)
    case 'clock-pong':
      out.u32(m.token)
      return out.f64(clockTime(m.clockMs))
  }
}

function writeRoomId(out: WireWriter, roomId: string): void {
  if (roomId.length === 0) throw new ProtocolError('invalid room: "" (1 byte or more)')
  out.text(roomId, LIMITS.labelBytes)
}

function writeQueue(out: WireWriter, queue: readonly RoomTrack[]): void {
  out.u8(within('number of tracks', queue.length, 0, LIMITS.roomTracks))
  for (const { contentId, durationMs } of queue) {
    out.contentId(contentId)
    out.u32(within('track duration', durationMs, 1, LIMITS.trackMs))
  }
}

/** Reads the fields of a message of that type. Throws ProtocolError on what `writeRoomBody` would not write. */
export function readRoomBody(input: WireReader, type: RoomMessageType): RoomMessage {
  switch (type) {
    case 'room-join':
      return {
        type,
        roomId: readRoomId(input),
        memberId: input.hex(PEER_ID_BYTES),
        queue: readQueue(input),
        positionMs: position(input.f64()),
        isPlaying: input.flag(),
        rate: rate(input.f64()),
      }
    case 'room-queue':
      return { type, roomId: readRoomId(input), queue: readQueue(input) }
    case 'room-state':
      return {
        type,
        roomId: readRoomId(input),
        epoch: input.u32(),
        revision: input.u32(),
        controllerId: input.hex(PEER_ID_BYTES),
        holdsAtMs: clockTime(input.f64()),
        positionMs: position(input.f64()),
        isPlaying: input.flag(),
        rate: rate(input.f64()),
      }
    case 'room-control':
      return {
        type,
        roomId: readRoomId(input),
        action: ROOM_ACTIONS[within('room action', input.u8(), 0, ROOM_ACTIONS.length - 1)],
        positionMs: position(input.f64()),
        rate: rate(input.f64()),
        tracks: readQueue(input),
      }
    case 'room-leave':
      return { type, roomId: readRoomId(input) }
    case 'clock-ping':
      return { type, token: input.u32() }
    case 'clock-pong':
      return { type, token: input.u32(), clockMs: clockTime(input.f64()) }
  }
}

function readRoomId(input: WireReader): string {
  const roomId = input.text(LIMITS.labelBytes)
  if (roomId.length === 0) throw new ProtocolError('invalid room: "" (1 byte or more)')
  return roomId
}

function readQueue(input: WireReader): RoomTrack[] {
  const count = within('number of tracks', input.u8(), 0, LIMITS.roomTracks)
  return Array.from({ length: count }, () => ({
    contentId: input.contentId(),
    durationMs: within('track duration', input.u32(), 1, LIMITS.trackMs),
  }))
}

const position = (ms: number): number => within('position', ms, 0, LIMITS.roomTracks * LIMITS.trackMs)
const rate = (value: number): number => within('rate', value, LIMITS.leastRate, LIMITS.mostRate)
const clockTime = (ms: number): number =>
  within('clock time', ms, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)

function within(what: string, value: number, least: number, most: number): number {
  if (!(value >= least && value <= most))
    throw new ProtocolError(`invalid ${what}: ${value} (${least} to ${most})`)
  return value
}
