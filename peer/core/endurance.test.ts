import { describe, expect, it } from 'vitest'
import type { FailureReason } from './options.ts'
import { candidateOf, type FakeLink, PeerHarness } from './harness.testing.ts'
import { usageLimits } from './usage.ts'
import { PEER_DEFAULTS } from './options.ts'

/** Links to a peer that were dialled, oldest first. */
const dialsTo = (h: PeerHarness, number: number): FakeLink[] =>
  h.network.links.filter(({ remote }) => remote === `peer-${number}`)

/** Lets time pass while nobody can be reached; tells when the candidate was dialled. */
function dialTimesMs(h: PeerHarness, number: number, ms: number): number[] {
  const times: number[] = []
  const untilMs = h.clock.nowMs() + ms
  let known = dialsTo(h, number).length
  while (h.clock.nowMs() < untilMs) {
    h.clock.advance(1000)
    const count = dialsTo(h, number).length
    if (count > known) times.push(h.clock.nowMs())
    known = count
  }
  return times
}

describe('dialling', () => {
  it('goes on without a word from the tracker, less and less often, until it gives up', () => {
    const h = new PeerHarness(4)
    h.join([candidateOf(2)])
    h.peer.linkDown(h.network.to('tracker'), 'lost')
    const times = dialTimesMs(h, 2, 3_600_000)
    expect(times).toEqual([30_000, 90_000, 210_000, 330_000, 450_000])
  })

  it('starts anew with a peer that the tracker names again', () => {
    const h = new PeerHarness(4)
    const tracker = h.join([candidateOf(2)])
    h.peer.linkDown(tracker, 'lost')
    h.clock.advance(3_600_000)
    const before = dialsTo(h, 2).length
    const again = h.network.to('tracker')
    h.peer.linkUp(again, false)
    h.answer([candidateOf(2)])
    expect(dialsTo(h, 2)).toHaveLength(before + 1)
    h.accept(2, [0])
    expect(h.peer.neighbourCount).toBe(1)
  })
})

describe('a seed that takes requests and sends nothing', () => {
  it('is asked for one chunk at a time after its time-out, and left alone the longer the more it cost', () => {
    const h = new PeerHarness(8, [], { maxFetchesPerSeed: 2, minFetchTimeoutMs: 30_000 })
    h.join([candidateOf(2), candidateOf(3)])
    const silent = h.accept(2, [0, 1, 2, 3, 4, 5, 6, 7])
    const good = h.accept(3, [7])
    const [request] = good.sentOf('request')
    if (request) h.deliver(good, request.requestId, request.chunk)
    h.clock.advance(600_000)
    // Two at first; then one after pauses of 60 s (two time-outs), 120 s, 120 s …, each with its time-out of 30 s.
    expect(silent.sentOf('request').length).toBeLessThanOrEqual(7)
    expect(silent.sentOf('request').length).toBeGreaterThanOrEqual(4)
    expect(silent.sentOf('cancel')).toHaveLength(silent.sentOf('request').length)
    expect(h.peer.usage.fetches).toBeLessThanOrEqual(1)
  })

  it('costs the first fetches no more than the time-out that others set meanwhile', () => {
    const h = new PeerHarness(8, [], {
      maxFetchesPerSeed: 1,
      minFetchTimeoutMs: 30_000,
      maxFetchTimeoutMs: 120_000,
    })
    h.join([candidateOf(2), candidateOf(3)])
    const silent = h.accept(2, [0, 1])
    const good = h.accept(3, [5])
    h.clock.advance(1000)
    const [request] = good.sentOf('request')
    h.deliver(good, request.requestId, request.chunk)
    h.clock.advance(29_500)
    expect(silent.sentOf('cancel')).toHaveLength(1)
  })
})

describe('a requester that takes no data', () => {
  it('loses its slot to another one in the end', () => {
    const h = new PeerHarness(2, [0, 1], { uploadSlots: 1, uploadQueue: 1, maxFetchTimeoutMs: 60_000 })
    h.join([])
    const stuck = h.dialIn(2, [])
    const other = h.dialIn(3, [])
    for (const link of [stuck, other]) h.peer.message(link, { type: 'interested', interested: true })
    h.peer.message(stuck, { type: 'request', requestId: 1, chunk: 0 })
    expect(stuck.sentOf('chunk')).toHaveLength(1)
    h.clock.advance(119_000)
    h.peer.message(other, { type: 'request', requestId: 1, chunk: 0 })
    expect(other.sentOf('chunk')).toHaveLength(0)
    h.clock.advance(2_000)
    h.peer.message(other, { type: 'request', requestId: 2, chunk: 1 })
    expect(other.sentOf('chunk')).toHaveLength(1)
    expect(h.network.aborted).toEqual([1])
  })
})

describe('giving up', () => {
  const failing = (act: (h: PeerHarness) => void): FailureReason[] => {
    const reasons: FailureReason[] = []
    const h = new PeerHarness(4, [], { giveUpMs: 100_000 }, { onFail: (reason) => reasons.push(reason) })
    act(h)
    h.clock.advance(99_000)
    expect(reasons).toEqual([])
    h.clock.advance(101_000)
    expect(h.clock.pending).toBe(0)
    return reasons
  }

  it('says that no tracker answered, that nobody was there, or that nobody gave anything', () => {
    expect(failing((h) => h.peer.start())).toEqual(['no-tracker'])
    expect(failing((h) => h.join([]))).toEqual(['no-peers'])
    expect(
      failing((h) => {
        h.join([candidateOf(2)])
        h.accept(2, [0])
      }),
    ).toEqual(['no-chunks'])
  })

  it('waits as long as chunks come, and never happens to a peer that has all', () => {
    const reasons: FailureReason[] = []
    const h = new PeerHarness(4, [], { giveUpMs: 100_000 }, { onFail: (reason) => reasons.push(reason) })
    h.join([candidateOf(2)])
    const link = h.accept(2, [0, 1, 2, 3])
    for (let i = 0; i < 4; i++) {
      h.clock.advance(25_000)
      const request = link.sentOf('request')[i]
      h.deliver(link, request.requestId, request.chunk)
    }
    h.clock.advance(1_000_000)
    expect(h.peer.isComplete).toBe(true)
    expect(reasons).toEqual([])
  })
})

describe('usage', () => {
  it('stays within what the settings allow while everybody dials in and asks', () => {
    const settings = {
      ...PEER_DEFAULTS,
      maxNeighbours: 3,
      uploadSlots: 1,
      uploadQueue: 2,
      targetNeighbours: 1,
      maxKnownCandidates: 5,
    }
    const h = new PeerHarness(4, [0, 1, 2], settings)
    h.join([2, 3, 4, 5, 6, 7, 8].map((n) => candidateOf(n)))
    const limits = usageLimits(settings, 0)
    for (let n = 10; n < 60; n++) {
      const link = h.dialIn(n, [3])
      h.peer.message(link, { type: 'interested', interested: true })
      for (let id = 0; id < 10; id++) h.peer.message(link, { type: 'request', requestId: id, chunk: id % 3 })
      for (const [what, used] of Object.entries(h.peer.usage))
        expect(used, what).toBeLessThanOrEqual(limits[what as keyof typeof limits])
    }
    expect(h.peer.usage.queuedUploads).toBe(2)
  })
})
