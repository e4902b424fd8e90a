import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FakeLink,
  FakeNetwork,
  FirstRanker,
  idOf,
  ListRecorder,
  ManualClock,
} from '../../peer/core/harness.testing.ts'
import { headAt } from '../../peer/protocol/room-timeline.ts'
import type { RoomControl, RoomJoin, RoomState, RoomTrack } from '../../peer/protocol/room-messages.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { TRACKER_DEFAULTS } from './options.ts'
import { ROOMS_DEFAULTS, type RoomsSettings } from './room-options.ts'
import { Tracker } from './tracker.ts'

const LEAD_MS = ROOMS_DEFAULTS.startLeadMs
const track = (number: number, durationMs: number): RoomTrack => ({
  contentId: number.toString(16).padStart(64, '0'),
  durationMs,
})
const QUEUE = [track(1, 100_000), track(2, 60_000)]

class RoomsHarness {
  readonly clock = new ManualClock()
  readonly network = new FakeNetwork()
  readonly tracker: Tracker
  readonly links = new Map<number, FakeLink>()

  constructor(settings: Partial<RoomsSettings> = {}) {
    const { clock, network } = this
    const ports = { clock, network, ranker: new FirstRanker(), recorder: new ListRecorder() }
    this.tracker = new Tracker(
      { ...ports, random: new SeededRandom('tracker') },
      {
        settings: { ...TRACKER_DEFAULTS, rooms: { ...ROOMS_DEFAULTS, ...settings } },
        rttEstimateMs: () => 20,
      },
    )
  }

  get room() {
    return this.tracker.rooms.get('kitchen')
  }

  /** Position of the room now. */
  get positionMs(): number {
    return headAt(this.room!.head, this.room!.queue, this.clock.nowMs()).positionMs
  }

  /** The member of that number joins on a link of its own. */
  join(number: number, more: Partial<RoomJoin> = {}): FakeLink {
    const link = new FakeLink(`member-${number}`)
    this.links.set(number, link)
    this.tracker.message(link, {
      type: 'room-join',
      roomId: 'kitchen',
      memberId: idOf(number),
      queue: QUEUE,
      positionMs: 0,
      isPlaying: false,
      rate: 1,
      ...more,
    })
    return link
  }

  control(number: number, control: Partial<RoomControl>): void {
    this.tracker.message(this.links.get(number)!, {
      type: 'room-control',
      roomId: 'kitchen',
      action: 'play',
      positionMs: 0,
      rate: 1,
      tracks: [],
      ...control,
    })
  }

  leave(number: number): void {
    this.tracker.message(this.links.get(number)!, { type: 'room-leave', roomId: 'kitchen' })
  }

  ping(number: number): void {
    this.tracker.message(this.links.get(number)!, { type: 'clock-ping', token: 7 })
  }

  /** The last state that a member was told. */
  heard(number: number): RoomState | undefined {
    return this.links.get(number)!.sentOf('room-state').at(-1)
  }
}

describe('joining', () => {
  it('makes a room of what its first member says and tells the queue before the state', () => {
    const h = new RoomsHarness()
    const link = h.join(1, { positionMs: 500 })
    expect(link.sent.map(({ type }) => type)).toEqual(['room-queue', 'room-state'])
    expect(link.sentOf('room-queue')[0].queue).toEqual(QUEUE)
    expect(h.heard(1)).toMatchObject({
      revision: 1,
      positionMs: 500,
      isPlaying: false,
      controllerId: idOf(1),
    })
  })

  it('tells those who come later where the room is, whatever they say of it', () => {
    const h = new RoomsHarness()
    h.join(1)
    h.control(1, { action: 'play' })
    h.clock.advance(5000)
    h.join(2, { queue: [], positionMs: 9999 })
    expect(h.links.get(2)!.sentOf('room-queue')[0].queue).toEqual(QUEUE)
    expect(h.heard(2)).toMatchObject({
      revision: 2,
      isPlaying: true,
      holdsAtMs: LEAD_MS,
      controllerId: idOf(1),
    })
    expect(h.positionMs).toBe(5000 - LEAD_MS)
  })

  it('takes a member that comes back on another link for the same one', () => {
    const h = new RoomsHarness()
    const first = h.join(1)
    h.join(2)
    h.join(1)
    expect(first.isClosed).toBe(true)
    expect(h.room!.size).toBe(2)
    h.tracker.linkDown(first)
    h.control(1, { action: 'play' })
    expect(h.heard(2)!.isPlaying).toBe(true)
  })

  it('turns away who comes when a limit is reached', () => {
    const h = new RoomsHarness({ maxRooms: 1, maxMembersPerRoom: 2, maxTracks: 1 })
    h.join(1)
    h.join(2)
    expect(h.join(3).isClosed).toBe(true)
    expect(h.join(4, { roomId: 'cellar' }).isClosed).toBe(true)
    expect(h.join(2).isClosed).toBe(false)
    expect(h.room!.queue).toEqual(QUEUE.slice(0, 1))
    expect(h.tracker.rooms.get('cellar')).toBeUndefined()
  })

  it('lets a member change rooms on its link', () => {
    const h = new RoomsHarness()
    const link = h.join(1)
    h.tracker.message(link, {
      ...({ type: 'room-join', roomId: 'cellar', memberId: idOf(1) } as const),
      queue: [],
      positionMs: 0,
      isPlaying: false,
      rate: 1,
    })
    expect(h.room).toBeUndefined()
    expect(h.tracker.rooms.get('cellar')!.size).toBe(1)
  })
})

describe('control', () => {
  it('sets a start ahead, so that all can start together, and tells everybody', () => {
    const h = new RoomsHarness()
    h.join(1)
    h.join(2)
    h.clock.advance(1000)
    h.control(1, { action: 'play', rate: 1.5 })
    for (const number of [1, 2])
      expect(h.heard(number)).toMatchObject({
        revision: 2,
        holdsAtMs: 1000 + LEAD_MS,
        positionMs: 0,
        isPlaying: true,
        rate: 1.5,
      })
  })

  it('is taken from the controlling member only', () => {
    const h = new RoomsHarness()
    h.join(1)
    h.join(2)
    h.control(2, { action: 'play' })
    h.control(2, { action: 'skip' })
    expect(h.tracker.rooms.refusedControls).toBe(2)
    expect(h.room).toMatchObject({ revision: 1, head: { isPlaying: false } })
  })

  it('pauses where the controlling member is, seeks where it says, and goes on from there', () => {
    const h = new RoomsHarness({ startLeadMs: 0 })
    h.join(1)
    h.control(1, { action: 'play' })
    h.clock.advance(10_000)
    h.control(1, { action: 'pause', positionMs: 9_900 })
    h.clock.advance(5_000)
    expect(h.positionMs).toBe(9_900)
    h.control(1, { action: 'seek', positionMs: 50_000 })
    expect(h.room!.head.isPlaying).toBe(false)
    h.control(1, { action: 'play' })
    h.clock.advance(1_000)
    expect(h.positionMs).toBe(51_000)
    h.control(1, { action: 'seek', positionMs: 1e9 })
    expect(h.room!.head).toMatchObject({ isPlaying: false, positionMs: 160_000 })
  })

  it('goes on at another speed without a wait', () => {
    const h = new RoomsHarness()
    h.join(1)
    h.control(1, { action: 'play' })
    h.clock.advance(LEAD_MS + 10_000)
    h.control(1, { action: 'play', rate: 2 })
    h.clock.advance(1_000)
    expect(h.positionMs).toBe(12_000)
    expect(h.room!.revision).toBe(3)
    h.control(1, { action: 'play', rate: 2 })
    expect(h.room!.revision).toBe(3)
  })

  it('skips to the track behind the one that was heard, even if the room is there already', () => {
    const h = new RoomsHarness({ startLeadMs: 0, expiryMs: 1e9 })
    h.join(1)
    h.control(1, { action: 'play' })
    h.clock.advance(100_050)
    h.control(1, { action: 'skip', positionMs: 99_990 })
    expect(h.positionMs).toBe(100_000)
    h.control(1, { action: 'skip', positionMs: 100_000 })
    expect(h.room!.head).toMatchObject({ isPlaying: false, positionMs: 160_000 })
    h.control(1, { action: 'play' })
    expect(h.room!.head.isPlaying).toBe(false)
  })

  it('plays on through the queue and stays at its end until more is added', () => {
    const h = new RoomsHarness({ startLeadMs: 0, maxTracks: 3, expiryMs: 1e9 })
    h.join(1)
    h.control(1, { action: 'play' })
    h.clock.advance(500_000)
    expect(h.positionMs).toBe(160_000)
    h.control(1, { action: 'enqueue', tracks: [track(3, 1000), track(4, 1000)] })
    expect(h.links.get(1)!.sentOf('room-queue').at(-1)!.queue).toEqual([...QUEUE, track(3, 1000)])
    h.clock.advance(1_000)
    expect(h.positionMs).toBe(160_000)
    h.control(1, { action: 'play' })
    h.clock.advance(400)
    expect(h.positionMs).toBe(160_400)
    const { revision } = h.room!
    h.control(1, { action: 'enqueue', tracks: [track(5, 1000)] })
    expect(h.room).toMatchObject({ revision, queue: { length: 3 } })
  })

  it('is told of no more often than members can use, and the last word always', () => {
    const h = new RoomsHarness({ newsGapMs: 50 })
    h.join(1)
    const other = h.join(2)
    h.control(1, { action: 'play' })
    for (let i = 1; i <= 100; i++) {
      h.control(1, { action: 'seek', positionMs: 100 * i })
      h.clock.advance(1)
    }
    h.clock.advance(50)
    expect(other.sentOf('room-state').length).toBeLessThanOrEqual(5)
    expect(h.heard(2)).toMatchObject({ revision: 102, positionMs: 10_000 })
    h.control(1, { action: 'enqueue', tracks: [track(3, 1000)] })
    h.control(1, { action: 'seek', positionMs: 0 })
    h.leave(1)
    h.leave(2)
    h.clock.advance(50)
    expect(h.room).toBeUndefined()
    expect(h.clock.pending).toBe(0)
  })

  it('passes to the longest-present when the controlling member leaves', () => {
    const h = new RoomsHarness()
    for (const number of [1, 2, 3]) h.join(number)
    h.leave(3)
    expect(h.heard(2)!.revision).toBe(1)
    h.leave(1)
    expect(h.heard(2)).toMatchObject({ revision: 2, controllerId: idOf(2) })
    h.control(2, { action: 'play' })
    expect(h.room!.head.isPlaying).toBe(true)
  })
})

describe('presence', () => {
  it('keeps a place for a member that lost its link, and takes no controls of dead links', () => {
    const h = new RoomsHarness()
    h.join(1)
    const link = h.join(2)
    h.tracker.linkDown(link)
    h.control(1, { action: 'play' })
    expect(link.sentOf('room-state')).toHaveLength(1)
    h.join(2)
    expect(h.heard(2)!.isPlaying).toBe(true)
    expect(h.room!.size).toBe(2)
  })

  it('forgets members that say nothing; pings are signs of life', () => {
    const h = new RoomsHarness({ expiryMs: 30_000 })
    const silent = h.join(1)
    h.join(2)
    for (let i = 0; i < 10; i++) {
      h.clock.advance(5_000)
      h.ping(2)
    }
    expect(silent.isClosed).toBe(true)
    expect(h.room!.size).toBe(1)
    expect(h.heard(2)!.controllerId).toBe(idOf(2))
    h.clock.advance(60_000)
    expect([...h.tracker.rooms.all()]).toEqual([])
    expect(h.clock.pending).toBe(0)
  })

  it('lets an empty room vanish, and starts a new one in an epoch of its own', () => {
    const h = new RoomsHarness()
    h.join(1)
    h.control(1, { action: 'play' })
    const { epoch } = h.room!
    h.leave(1)
    expect(h.room).toBeUndefined()
    h.join(2, { positionMs: 70_000, isPlaying: true })
    expect(h.heard(2)).toMatchObject({
      revision: 1,
      positionMs: 70_000,
      isPlaying: true,
      controllerId: idOf(2),
    })
    expect(h.room!.epoch).not.toBe(epoch)
  })

  it('tells its clock to whoever asks, in a room or not', () => {
    const h = new RoomsHarness()
    h.clock.advance(1234)
    const link = new FakeLink('stranger')
    h.tracker.message(link, { type: 'clock-ping', token: 99 })
    expect(link.sent).toEqual([{ type: 'clock-pong', token: 99, clockMs: 1234 }])
  })
})

it('keeps its rooms in order whatever members do', () => {
  const number = fc.integer({ min: 1, max: 4 })
  const action = fc.oneof(
    fc.record({ do: fc.constant('join' as const), number }),
    fc.record({ do: fc.constant('leave' as const), number }),
    fc.record({ do: fc.constant('drop' as const), number }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
    fc.record({
      do: fc.constant('control' as const),
      number,
      action: fc.constantFrom(
        'play' as const,
        'pause' as const,
        'seek' as const,
        'skip' as const,
        'enqueue' as const,
      ),
      positionMs: fc.integer({ min: 0, max: 200_000 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const h = new RoomsHarness({ maxMembersPerRoom: 3, maxTracks: 4 })
      for (const each of actions) {
        if (each.do === 'join') h.join(each.number)
        else if (each.do === 'wait') h.clock.advance(each.ms)
        else if (h.links.has(each.number)) {
          if (each.do === 'leave') h.leave(each.number)
          else if (each.do === 'drop') h.tracker.linkDown(h.links.get(each.number)!)
          else h.control(each.number, { ...each, tracks: [track(9, 1000)] })
        }
        const { room } = h
        if (!room) continue
        h.clock.advance(ROOMS_DEFAULTS.newsGapMs)
        if (h.room !== room) continue
        expect(room.size).toBeGreaterThan(0)
        expect(room.size).toBeLessThanOrEqual(3)
        expect(room.guests.has(room.controllerId)).toBe(true)
        expect(room.queue.length).toBeLessThanOrEqual(4)
        for (const guest of room.guests.values())
          if (guest.link)
            expect((guest.link as FakeLink).sentOf('room-state').at(-1)).toMatchObject({
              epoch: room.epoch,
              revision: room.revision,
              ...room.head,
            })
      }
    }),
    { numRuns: 150 },
  )
})
