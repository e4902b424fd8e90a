import { describe, expect, it } from 'vitest'
import { decode, encode } from './codec.ts'
import { LIMITS } from './limits.ts'
import type { RoomControl, RoomState, RoomTrack } from './room-messages.ts'

const track: RoomTrack = { contentId: 'c'.repeat(64), durationMs: 180_000 }
const control: RoomControl = {
  type: 'room-control',
  roomId: 'kitchen',
  action: 'seek',
  positionMs: 1000,
  rate: 1,
  tracks: [],
}
const state: RoomState = {
  type: 'room-state',
  roomId: 'kitchen',
  epoch: 1,
  revision: 2,
  controllerId: 'a'.repeat(40),
  holdsAtMs: -5,
  positionMs: 1000.5,
  isPlaying: true,
  rate: 1.25,
}

const queue = (tracks: number): RoomTrack[] => Array.from({ length: tracks }, () => track)

describe('rooms on the wire', () => {
  it('has room for the longest queue and no longer one', () => {
    expect(decode(encode({ ...control, tracks: queue(LIMITS.roomTracks) }))).toMatchObject({
      tracks: { length: LIMITS.roomTracks },
    })
    expect(() => encode({ ...control, tracks: queue(LIMITS.roomTracks + 1) })).toThrow(
      /invalid number of tracks: 201 \(0 to 200\)/,
    )
  })

  it('refuses to write nameless rooms, impossible positions and speeds', () => {
    expect(() => encode({ ...control, roomId: '' })).toThrow(/invalid room/)
    expect(() => encode({ ...control, roomId: 'x'.repeat(64) })).toThrow(/at most 63 bytes/)
    expect(() => encode({ ...control, positionMs: -1 })).toThrow(/invalid position: -1/)
    expect(() => encode({ ...control, positionMs: NaN })).toThrow(/invalid position: NaN/)
    expect(() => encode({ ...state, rate: 5 })).toThrow(/invalid rate: 5 \(0.25 to 4\)/)
    expect(() => encode({ ...state, holdsAtMs: Infinity })).toThrow(/invalid clock time: Infinity/)
    expect(() => encode({ ...control, tracks: [{ ...track, durationMs: 0 }] })).toThrow(
      /invalid track duration: 0/,
    )
  })

  it('refuses to read them', () => {
    const spoiled = (frame: Uint8Array, at: number, ...bytes: number[]): Uint8Array => {
      const copy = frame.slice()
      copy.set(bytes, at)
      return copy
    }
    const frame = encode(control)
    const action = 5 + 1 + control.roomId.length
    expect(() => decode(spoiled(frame, action, 5))).toThrow(/invalid room action: 5/)
    expect(() => decode(spoiled(frame, action + 1, 0x7f, 0xf8))).toThrow(/invalid position: NaN/)
    expect(() => decode(spoiled(frame, action + 9, 0x7f, 0xf0))).toThrow(/invalid rate/)
    expect(() => decode(spoiled(frame, action + 17, 201))).toThrow(/invalid number of tracks: 201/)
    const nameless = new Uint8Array([0, 0, 0, 2, frame[4] + 1, 0])
    expect(() => decode(nameless)).toThrow(/invalid room: ""/)
  })
})
