import { describe, expect, it } from 'vitest'
import { badBody, INTERVAL_MS, LiveHarness, type ViewerHarness } from './live-harness.testing.ts'
import type { FakeLink } from './harness.testing.ts'
import { LIVE_DEFAULTS, type LiveSettings } from './live-options.ts'

const range = (from: number, end: number): number[] => Array.from({ length: end - from }, (_, i) => from + i)

/** A stream that goes on: every interval the neighbour tells of one more chunk and delivers what it was asked for. */
function stream(h: ViewerHarness, link: FakeLink, from: number, end: number): void {
  for (let number = from; number < end; number++) {
    h.have(link, number)
    h.deliver(link, number)
    h.clock.advance(INTERVAL_MS)
    h.deliver(link, number)
  }
}

/** A viewer that has fetched what it wanted of the chunks 100 to 110 from its one neighbour. */
function watching(live: Partial<LiveSettings> = {}): { h: ViewerHarness; link: FakeLink } {
  const h = LiveHarness.viewer(live)
  h.join(2)
  const link = h.accept(2, range(100, 111))
  h.clock.advance(100)
  h.deliver(link, 110)
  return { h, link }
}

describe('a viewer', () => {
  it('joins a start buffer behind the newest chunk, plays at the stream’s rate and discards what it played', () => {
    const h = LiveHarness.viewer({ keepPlayedMs: 300 })
    h.join(2)
    const link = h.accept(2, range(1000, 1101))
    h.clock.advance(100)
    h.deliver(link, 1100)
    h.clock.advance(100)
    expect(h.starts).toEqual([1096])
    stream(h, link, 1101, 1160)
    const played = h.played.filter(({ isThere }) => isThere)
    expect(played.map(({ number }) => number)).toEqual(range(1096, 1096 + played.length))
    expect(played.length).toBeGreaterThan(50)
    const pausesMs = played.slice(1).map(({ atMs }, i) => atMs - played[i].atMs)
    expect(pausesMs.every((ms) => ms === INTERVAL_MS)).toBe(true)
    // The start buffer, what was played in the last 300 ms, and what one tick brings.
    expect(h.peer.heldCount).toBeLessThanOrEqual(5 + 3 + 2)
  })

  it('asks only for chunks of the part of the stream where it joins', () => {
    const h = LiveHarness.viewer({}, { maxFetches: 100, maxFetchesPerSeed: 100 })
    h.join(2)
    const link = h.accept(2, range(1000, 1101))
    h.clock.advance(100)
    expect(h.asked(link).sort((a, b) => a - b)).toEqual(range(1096, 1101))
  })

  it('begins where the median neighbour is, whatever one liar says', () => {
    for (const lie of [[9_000_000], [3]]) {
      const h = LiveHarness.viewer()
      h.join(2, 3, 4)
      h.accept(2, lie)
      const honest = h.accept(3, range(500, 521))
      h.accept(4, range(500, 521))
      h.clock.advance(100)
      // Where the lie came first the window was elsewhere: what is new since then is enough to go on with.
      h.tell(honest, range(500, 521))
      h.clock.advance(100)
      expect(h.asked(honest).every((number) => number >= 516 && number <= 520)).toBe(true)
      expect(h.asked(honest).length).toBeGreaterThan(0)
    }
  })

  it.each([
    ['latest-useful', (asked: number[]) => expect(asked).toEqual([1100, 1099, 1098])],
    ['deadline-first', (asked: number[]) => expect(asked).toEqual([1096, 1097, 1098])],
    [
      'random-useful',
      (asked: number[]) => {
        expect(new Set(asked).size).toBe(3)
        expect(asked.every((number) => number >= 1096 && number <= 1100)).toBe(true)
      },
    ],
  ] as const)('chooses chunks as %s says', (chunkChoice, check) => {
    const h = LiveHarness.viewer({ chunkChoice }, { maxFetches: 3, maxFetchesPerSeed: 3 })
    h.join(2)
    const link = h.accept(2, range(1000, 1101))
    h.clock.advance(100)
    check(h.asked(link))
  })

  it('skips what is not there when it is due, and takes it for too late afterwards', () => {
    const h = LiveHarness.viewer({}, { maxFetches: 100, maxFetchesPerSeed: 100 })
    h.join(2)
    const link = h.accept(2, range(100, 111))
    h.clock.advance(100)
    h.deliver(link, 110)
    h.clock.advance(100)
    expect(h.starts).toEqual([106])
    for (const number of [111, 113]) h.have(link, number)
    h.deliver(link, 113)
    h.clock.advance(1000)
    expect(h.played.filter(({ isThere }) => !isThere).map(({ number }) => number)).toContain(112)
    const before = h.asked(link).length
    h.have(link, 112)
    h.clock.advance(100)
    expect(h.asked(link)).toHaveLength(before)
    expect(h.peer.playback.skippedCount).toBeGreaterThan(0)
  })

  it('takes requests that go unanswered together for one failure, and the next ones for a second', () => {
    const h = LiveHarness.viewer({}, { maxFetches: 16, maxFetchesPerSeed: 16 })
    h.join(2)
    const link = h.accept(2, range(1000, 1101))
    h.clock.advance(100)
    expect(h.asked(link)).toHaveLength(5)
    const { fetchTimeoutMs } = LIVE_DEFAULTS
    h.clock.advance(fetchTimeoutMs + 100)
    expect([h.asked(link).length, link.isClosed]).toEqual([5, false])
    // Left alone for as long as was lost, then asked for one chunk: the neighbour may only have paused.
    h.tell(link, range(1101, 1121))
    h.clock.advance(fetchTimeoutMs + 100)
    expect([h.asked(link).length, link.isClosed]).toEqual([6, false])
    h.clock.advance(fetchTimeoutMs + 100)
    expect(link.isClosed).toBe(true)
  })

  it('plays what it has when the start buffer does not fill', () => {
    const h = LiveHarness.viewer()
    h.join(2)
    const link = h.accept(2, [107, 110])
    h.clock.advance(100)
    h.deliver(link, 110)
    h.clock.advance(1_800)
    expect(h.starts).toEqual([])
    h.clock.advance(300)
    expect(h.starts).toEqual([107])
  })

  it('plays across the wrap of the numbers on the wire', () => {
    const h = LiveHarness.viewer()
    h.join(2)
    const link = h.accept(2, range(65_500, 65_521))
    h.clock.advance(100)
    h.deliver(link, 65_520)
    stream(h, link, 65_521, 65_580)
    const wire = h.asked(link)
    expect(wire.some((chunk) => chunk > 65_500)).toBe(true)
    expect(wire.some((chunk) => chunk < 44)).toBe(true)
    expect(h.peer.playback.skippedCount).toBe(0)
    expect(h.chunks.at(-1)).toBe(65_579)
  })

  it('tells newcomers of its window by full numbers, and then chunk by chunk those who lack it', () => {
    const h = LiveHarness.viewer()
    h.join(2)
    const link = h.accept(2, range(100, 111))
    const early = h.dialIn(3)
    h.clock.advance(100)
    h.deliver(link, 110)
    const late = h.dialIn(4)
    expect(late.sentOf('window')).toMatchObject([{ first: 106 }])
    expect(early.sentOf('window')).toHaveLength(1)
    h.have(link, 111)
    h.deliver(link, 111)
    for (const other of [early, late]) expect(other.sentOf('have').at(-1)).toMatchObject({ chunk: 111 })
    expect(link.sentOf('have')).toEqual([])
  })

  it('gathers news where it is told to', () => {
    const h = LiveHarness.viewer({ newsMs: 500 })
    h.join(2)
    const link = h.accept(2, range(100, 111))
    const other = h.dialIn(3)
    h.clock.advance(100)
    h.deliver(link, 110)
    h.clock.advance(500)
    stream(h, link, 111, 121)
    expect(other.sentOf('have')).toEqual([])
    const windows = other.sentOf('window')
    expect(windows.length).toBeLessThanOrEqual(4)
    expect(new Set(windows.flatMap(({ first, chunks }) => range(first, first + chunks.size))).size).toBe(
      windows.reduce((sum, { chunks }) => sum + chunks.count, 0),
    )
  })

  it('bans a polluter and gets the chunk elsewhere', () => {
    const h = LiveHarness.viewer({ chunkChoice: 'deadline-first' }, { maxFetches: 1 })
    h.join(2, 3)
    const bad = h.accept(2, range(100, 106))
    h.clock.advance(100)
    const good = h.accept(3, range(100, 106))
    h.deliver(bad, 101, badBody)
    expect(bad.isClosed).toBe(true)
    expect(h.chunks).toEqual([])
    h.deliver(good, 101)
    expect(h.chunks).toEqual(range(101, 106))
    expect(h.recorder.rows.map(({ chunk, result }) => [chunk, result])).toEqual([
      [101, 'corrupt'],
      ...range(101, 106).map((chunk) => [chunk, 'ok']),
    ])
    expect(h.peer.stats).toMatchObject({ wastedBytes: 1064, downloadedBytes: 5 * 1064 })
    const again = h.dialIn(2)
    expect(again.isClosed).toBe(true)
  })

  it('takes an old chunk whose number on the wire is the same for what it is', () => {
    const h = LiveHarness.viewer({ chunkChoice: 'deadline-first' })
    h.join(2)
    const link = h.accept(2, range(65_636, 65_642))
    h.clock.advance(100)
    h.deliver(link, 65_640, (number) => ({ bytes: 1064, token: `chunk ${number - 65_536}` }) as never)
    expect(h.chunks).toEqual([])
    expect(link.isClosed).toBe(true)
  })

  it('does not ask a neighbour again for what it no longer has, but does one that was only busy', () => {
    const h = LiveHarness.viewer({ backoffMs: 100 }, { maxFetches: 1 })
    h.join(2)
    const link = h.accept(2, [100])
    h.clock.advance(100)
    const refuse = (active: number): void => {
      const { requestId } = link.sentOf('request').at(-1)!
      h.peer.message(link, { type: 'busy', requestId, active, queued: 0 })
    }
    refuse(4)
    h.clock.advance(300)
    expect(h.asked(link)).toEqual([100, 100])
    refuse(0)
    h.clock.advance(1000)
    expect(h.asked(link)).toEqual([100, 100])
  })

  it('gives up a fetch that takes too long and tries another neighbour', () => {
    const h = LiveHarness.viewer({ fetchTimeoutMs: 500 }, { maxFetches: 1 })
    h.join(2, 3)
    const slow = h.accept(2, [100])
    const other = h.accept(3, [100])
    h.clock.advance(100)
    expect(h.asked(slow)).toEqual([100])
    h.clock.advance(600)
    expect(slow.sentOf('cancel')).toHaveLength(1)
    expect(h.asked(other)).toEqual([100])
    expect(h.recorder.rows).toMatchObject([{ result: 'timeout', attempt: 1 }])
  })

  it('records how much time was left when a chunk came', () => {
    const { h, link } = watching()
    stream(h, link, 111, 131)
    const slacks = h.recorder.rows.map(({ deadlineSlackMs }) => deadlineSlackMs)
    expect(slacks.slice(0, 2)).toEqual([NaN, NaN])
    expect(slacks.at(-1)).toBeGreaterThan(0)
    expect(slacks.at(-1)).toBeLessThanOrEqual(600)
  })

  it('starts anew when the stream has gone on elsewhere, without playing anything twice', () => {
    const { h, link } = watching({ resyncMs: 1_000 })
    stream(h, link, 111, 121)
    h.clock.advance(60_000)
    expect(h.starts).toEqual([106])
    // The encoder stood still for a minute and counts on where it was.
    stream(h, link, 121, 150)
    expect(h.starts).toHaveLength(2)
    const numbers = h.played.filter(({ isThere }) => isThere).map(({ number }) => number)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.at(-1)).toBeGreaterThan(121)
  })

  it('goes on with the fetches under way when it starts anew where they are still of use', () => {
    const h = LiveHarness.viewer({ resyncMs: 0, startPatienceMs: 0 }, { maxFetchesPerSeed: 4 })
    h.join(2, 3)
    const prompt = h.accept(2, [106])
    const slow = h.accept(3, range(107, 111))
    h.clock.advance(100)
    h.deliver(prompt, 106)
    h.have(prompt, 110)
    h.clock.advance(300)
    const { playback } = h.peer
    // It has played one chunk, missed the next, and gathers a start buffer again.
    expect([playback.playedCount, playback.skippedCount, playback.isPlaying]).toEqual([1, 1, false])
    expect(playback.next).toBe(107)
    // Only the one that was too late was given up, and is of use again.
    expect(slow.sentOf('cancel')).toHaveLength(1)
    expect(h.asked(slow).toSorted()).toEqual([107, ...range(107, 111)])
  })

  it('leaves no timer behind', () => {
    for (const end of ['leave', 'crash'] as const) {
      const h = LiveHarness.viewer({ newsMs: 1_000 })
      h.join(2)
      const link = h.accept(2, range(100, 111))
      h.dialIn(3)
      h.clock.advance(100)
      h.deliver(link, 110)
      h.peer[end]()
      expect(h.clock.pending).toBe(0)
    }
  })
})
