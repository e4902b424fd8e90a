import { describe, expect, it } from 'vitest'
import { ROOMS_DEFAULTS } from '../../tracker/core/room-options.ts'
import { RoomWorld, type TestMember } from './room-world.testing.ts'

/** One way on the test fabric. */
const ONE_WAY_MS = 20
const AT_ONCE_MS = 1000

/** Two members in a room that plays. */
function playing(...args: ConstructorParameters<typeof RoomWorld>): {
  w: RoomWorld
  a: TestMember
  b: TestMember
} {
  const w = new RoomWorld(...args)
  const a = w.join({ offsetMs: 5000, driftPpm: 50 })
  w.run(AT_ONCE_MS)
  const b = w.join({ offsetMs: -90_000, driftPpm: -50 })
  w.run(AT_ONCE_MS)
  expect(a.member.play()).toBe(true)
  w.run(AT_ONCE_MS)
  return { w, a, b }
}

describe('a room', () => {
  it('starts for all members at once, whatever their clocks say', () => {
    const { w, a, b } = playing()
    for (const member of [a, b]) {
      expect(member.player.state).toBe('sounding')
      expect(Math.abs(w.driftMs(member))).toBeLessThan(1)
    }
    expect(w.room!.head.holdsAtMs).toBeCloseTo(2000 + ONE_WAY_MS + ROOMS_DEFAULTS.startLeadMs, 0)
  })

  it('takes those who come late to where it is', () => {
    const { w } = playing()
    w.run(30_000)
    const late = w.join()
    late.player.waitMs = 800
    w.run(10_000)
    expect(late.player.state).toBe('sounding')
    expect(Math.abs(w.driftMs(late))).toBeLessThan(500)
  })

  it('pauses, seeks and skips together', () => {
    const { w, a, b } = playing()
    a.member.pause()
    w.run(AT_ONCE_MS)
    expect([a, b].map(({ player }) => player.state)).toEqual(['paused', 'paused'])
    expect(w.driftMs(b)).toBe(0)
    a.member.seek(50_000)
    w.run(AT_ONCE_MS)
    expect(b.player.positionMs).toBe(50_000)
    a.member.play()
    w.run(AT_ONCE_MS)
    a.member.skip()
    w.run(AT_ONCE_MS)
    for (const member of [a, b]) {
      expect(member.player).toMatchObject({ track: 1, state: 'sounding' })
      expect(Math.abs(w.driftMs(member))).toBeLessThan(2)
    }
    expect(b.revisions).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('plays its queue through without a word from anybody, the next track prepared, and stops at the end', () => {
    const { w, a, b } = playing({}, [60_000, 45_000, 30_000])
    w.run(70_000)
    for (const member of [a, b]) {
      expect(member.player).toMatchObject({ track: 1, state: 'sounding' })
      expect(Math.abs(w.driftMs(member))).toBeLessThan(20)
    }
    w.run(90_000)
    expect([...new Set(b.player.prepared)]).toEqual([1, 2])
    expect(b.player).toMatchObject({ track: 2, state: 'ended' })
    expect(w.room!.revision).toBe(2)
    expect(a.member.enqueue([{ contentId: 'e'.repeat(64), durationMs: 20_000 }])).toBe(true)
    w.run(AT_ONCE_MS)
    a.member.play()
    w.run(AT_ONCE_MS)
    for (const { player } of [a, b]) expect(player).toMatchObject({ track: 3, state: 'sounding' })
  })

  it('is controlled by one member, and by the longest-present after that one has gone', () => {
    const { w, a, b } = playing()
    const c = w.join()
    w.run(AT_ONCE_MS)
    expect([b.member.pause(), c.member.skip()]).toEqual([false, false])
    a.member.leave()
    w.run(AT_ONCE_MS)
    expect([b, c].map(({ member }) => member.isController)).toEqual([true, false])
    expect(b.player.state).toBe('sounding')
    expect(b.member.pause()).toBe(true)
    w.run(AT_ONCE_MS)
    expect(c.player.state).toBe('paused')
    b.member.leave()
    c.member.leave()
    w.run(AT_ONCE_MS)
    expect([...w.tracker.rooms.all()]).toEqual([])
  })

  it('passes on when the controlling member vanishes', () => {
    const { w, a, b } = playing()
    a.crash()
    w.run(ROOMS_DEFAULTS.expiryMs * 2)
    expect(b.member.isController).toBe(true)
    expect(w.room!.size).toBe(1)
  })
})

describe('a drift', () => {
  it('within the tolerance is left alone', () => {
    const { w, b } = playing()
    b.player.stall(400)
    w.run(20_000)
    expect(b.corrections).toEqual([])
    expect(w.driftMs(b)).toBeCloseTo(-400, -1)
  })

  it('that is small is made good by playing faster', () => {
    const { w, b } = playing()
    b.player.stall(1500)
    w.run(5_000)
    expect(b.player.rate).toBeCloseTo(1.05)
    w.run(35_000)
    expect(b.corrections).toEqual(['rate'])
    expect(b.player.rate).toBe(1)
    expect(Math.abs(w.driftMs(b))).toBeLessThan(20)
  })

  it('that is large is made good by a jump, in front of the wait that it costs', () => {
    const { w, b } = playing()
    b.player.waitMs = 300
    b.player.stall(6_000)
    w.run(7_000)
    expect(b.corrections[0]).toBe('jump')
    expect(Math.abs(w.driftMs(b))).toBeLessThan(2)
  })

  it('is made good by jumps alone where a config says so, and by a wait where the member is ahead', () => {
    const { w, b } = playing({ correction: 'jump' })
    b.player.stall(700)
    w.run(2_000)
    expect(b.corrections).toEqual(['jump'])
    expect(Math.abs(w.driftMs(b))).toBeLessThan(2)
    b.player.goTo(0, w.queue[0], b.player.positionMs + 900, true)
    w.run(3_000)
    expect(Math.abs(w.driftMs(b))).toBeLessThan(2)
  })

  it('stays where a config says so', () => {
    const { w, b } = playing({ correction: 'none' })
    b.player.stall(3_000)
    w.run(20_000)
    expect(b.corrections).toEqual([])
    expect(w.driftMs(b)).toBeLessThan(-2_900)
  })

  it('of a clock that is far too slow never leaves the tolerance by much', () => {
    const w = new RoomWorld({}, [400_000])
    const a = w.join()
    const b = w.join({ offsetMs: 0, driftPpm: -1500 })
    w.run(AT_ONCE_MS)
    a.member.play()
    let worstMs = 0
    for (let i = 0; i < 390; i++) {
      w.run(1_000)
      if (i > 2) worstMs = Math.max(worstMs, Math.abs(w.driftMs(b)))
    }
    expect(b.corrections).toContain('rate')
    expect(worstMs).toBeLessThan(520)
  })
})

describe('a lost tracker', () => {
  it('does not stop the music, and is called again with growing pauses', () => {
    const { w, a, b } = playing({}, [300_000])
    w.crashTracker()
    w.run(120_000)
    expect(b.player.state).toBe('sounding')
    expect([a, b].map(({ member }) => member.isJoined)).toEqual([false, false])
    expect(a.member.pause()).toBe(false)
    const { attempts } = b.member.link
    expect(attempts).toBeGreaterThan(3)
    expect(attempts).toBeLessThan(14)
  })

  it('that comes back without memory is told of the room by its members', () => {
    const { w, a, b } = playing({}, [400_000])
    w.run(5_000)
    const { epoch } = w.room!
    w.crashTracker()
    w.run(40_000)
    w.startTracker()
    w.run(60_000)
    expect(w.room!.epoch).not.toBe(epoch)
    expect(w.room!.size).toBe(2)
    for (const member of [a, b]) {
      expect(member.player.state).toBe('sounding')
      expect(member.member.staleStates).toBe(0)
      expect(Math.abs(w.driftMs(member))).toBeLessThan(500)
    }
    const controller = a.member.isController ? a : b
    controller.member.pause()
    w.run(AT_ONCE_MS)
    expect([a, b].map(({ player }) => player.state)).toEqual(['paused', 'paused'])
  })

  it('is found again by a member that missed what was said meanwhile', () => {
    const { w, a, b } = playing({}, [300_000])
    for (const end of [...b.network.ends]) {
      b.network.close(end)
      b.network.handler.linkDown(end, 'lost')
    }
    a.member.seek(200_000)
    w.run(5_000)
    expect(b.member.isJoined).toBe(true)
    expect(w.room!.size).toBe(2)
    expect(Math.abs(w.driftMs(b))).toBeLessThan(2)
  })
})

describe('a room with a second tracker', () => {
  const twoTrackers = () => playing({}, [600_000], 0, 2)

  it('moves there with all its members when the first one is away, and goes on where it was', () => {
    const { w, a, b } = twoTrackers()
    w.crashTracker()
    w.run(60_000)
    const room = w.trackers[1].room!
    expect(room.size).toBe(2)
    // Nobody heard a gap, though the second tracker's clock is an hour ahead.
    for (const member of [a, b]) {
      expect(member.member.isJoined).toBe(true)
      expect(member.player.state).toBe('sounding')
      expect(member.corrections).toEqual([])
      expect(Math.abs(w.driftMs(member, 1))).toBeLessThan(500)
    }
    const controller = a.member.isController ? a : b
    expect(controller.member.pause()).toBe(true)
    w.run(AT_ONCE_MS)
    expect([a, b].map(({ player }) => player.state)).toEqual(['paused', 'paused'])
  })

  it('comes back when the first one is there again, and leaves nothing behind', () => {
    const { w, a, b } = twoTrackers()
    w.crashTracker()
    w.run(60_000)
    w.startTracker()
    w.run(60_000)
    expect(w.room!.size).toBe(2)
    expect(w.trackers[1].room).toBeUndefined()
    for (const member of [a, b]) {
      expect(member.member.link.tracker).toBe('tracker')
      expect(member.player.state).toBe('sounding')
      expect(Math.abs(w.driftMs(member))).toBeLessThan(500)
    }
  })

  it('is not torn apart by a member that loses its connection for a moment', () => {
    const { w, b } = twoTrackers()
    b.network.loseConnection()
    w.run(300)
    b.network.regainConnection()
    w.run(10_000)
    expect(b.member.isJoined).toBe(true)
    expect(b.member.link.tracker).toBe('tracker')
    expect(w.trackers[1].room).toBeUndefined()
  })

  it('asks trackers that are away with growing pauses, the better ones beside the one that is there', () => {
    const { w, b } = twoTrackers()
    w.crashTracker()
    w.run(60_000)
    const before = b.member.link.attempts
    w.run(300_000)
    const probes = b.member.link.attempts - before
    // Pauses of 7.5 to 15 s, looked at with every question for the time, 4 s without an answer.
    expect(probes).toBeGreaterThan(300 / 25)
    expect(probes).toBeLessThan(300 / 11)
    expect(b.member.isJoined).toBe(true)
  })
})
