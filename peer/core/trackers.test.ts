import { describe, expect, it } from 'vitest'
import { candidateOf, type FakeLink, idOf, PeerHarness } from './harness.testing.ts'

const TRACKERS = ['first', 'second', 'third']
const settings = { announceBackoffMs: 1000, maxAnnounceBackoffMs: 8000 }
const world = (): PeerHarness => new PeerHarness(4, [], settings, { trackers: TRACKERS })

/** The trackers that were dialled, in order. */
const dialled = (h: PeerHarness): string[] =>
  h.network.links.map(({ remote }) => remote).filter((remote) => TRACKERS.includes(remote))

function refuse(h: PeerHarness): void {
  h.peer.linkDown(h.network.links.at(-1)!, 'refused')
  h.clock.advance(1)
}

function serve(h: PeerHarness, name: string): FakeLink {
  const link = h.network.to(name)
  h.peer.linkUp(link, false)
  h.answer([candidateOf(2)], 30_000, name)
  return link
}

describe('several trackers', () => {
  it('are tried one after the other, at once, until one answers', () => {
    const h = world()
    h.peer.start()
    refuse(h)
    refuse(h)
    expect(dialled(h)).toEqual(['first', 'second', 'third'])
    const third = serve(h, 'third')
    expect(third.sentOf('announce')).toMatchObject([{ event: 'started' }])
  })

  it('are announced to one at a time', () => {
    const h = world()
    h.peer.start()
    serve(h, 'first')
    h.clock.advance(300_000)
    expect(new Set(dialled(h).slice(0, 1))).toEqual(new Set(['first']))
    expect(
      h.network.links.filter(({ remote, isClosed }) => TRACKERS.includes(remote) && !isClosed),
    ).toHaveLength(1)
  })

  it('are given up for the next where they take the announce and do not answer', () => {
    const h = world()
    h.peer.start()
    const first = h.network.to('first')
    h.peer.linkUp(first, false)
    h.clock.advance(10_001)
    expect(first.isClosed).toBe(true)
    expect(dialled(h)).toEqual(['first', 'second'])
  })

  it('are come back to: the first is tried again when its pause is over, and kept when it answers', () => {
    const h = world()
    h.peer.start()
    refuse(h)
    const second = serve(h, 'second')
    h.clock.advance(33_001)
    expect(dialled(h)).toEqual(['first', 'second', 'first'])
    expect(second.isClosed).toBe(true)
    serve(h, 'first')
    h.clock.advance(32_999)
    expect(h.network.to('first').sentOf('announce')).toHaveLength(2)
  })

  it('that all fail are tried with doubling pauses, each no more often than its bound says', () => {
    const h = world()
    h.peer.start()
    const hourMs = 3_600_000
    let failures = 0
    while (h.clock.nowMs() < hourMs) {
      const open = h.network.links.filter((link) => !link.isClosed)
      for (const link of open) {
        link.isClosed = true
        failures++
        h.peer.linkDown(link, 'refused')
      }
      h.clock.advance(500)
    }
    for (const name of TRACKERS) {
      const dials = dialled(h).filter((remote) => remote === name).length
      expect(dials).toBeLessThanOrEqual(4 + hourMs / (0.9 * settings.maxAnnounceBackoffMs))
      expect(dials).toBeGreaterThan(0.5 * (hourMs / settings.maxAnnounceBackoffMs))
    }
    expect(h.peer.stats.failedAnnounces).toBe(failures)
  })

  it('get more time at each try, up to a bound, where they answer too late', () => {
    const h = new PeerHarness(4, [], {
      connectTimeoutMs: 5000,
      announceBackoffMs: 1000,
      maxAnnounceBackoffMs: 20_000,
    })
    h.peer.start()
    const waitedMs: number[] = []
    for (let i = 0; i < 4; i++) {
      const link = h.network.to('tracker')
      h.peer.linkUp(link, false)
      const fromMs = h.clock.nowMs()
      while (!link.isClosed) h.clock.advance(100)
      waitedMs.push(h.clock.nowMs() - fromMs)
      while (h.network.to('tracker') === link) h.clock.advance(100)
    }
    expect(waitedMs).toEqual([5000, 10_000, 20_000, 20_000])
  })

  it('take an answer that nobody asked for as none', () => {
    const h = new PeerHarness(4)
    const tracker = h.join([candidateOf(2)])
    for (let i = 0; i < 100; i++) h.answer([candidateOf(3)])
    expect(tracker.sentOf('announce')).toHaveLength(1)
  })

  it('are not needed where peers become known in other ways', () => {
    const h = new PeerHarness(4, [], settings, { trackers: [] })
    h.peer.start()
    h.peer.meet(idOf(2), 'peer-2')
    h.accept(2, [0, 1, 2, 3])
    expect(h.network.to('peer-2').sentOf('request')).toHaveLength(2)
    expect(h.network.links).toHaveLength(1)
  })
})

describe('an address', () => {
  it('is not dialled again for a peer in whose place another one answers', () => {
    const h = new PeerHarness(4, [], settings, { trackers: [] })
    h.peer.start()
    h.peer.meet(idOf(9), 'peer-2')
    h.accept(2, [0])
    h.peer.linkDown(h.network.to('peer-2'), 'lost')
    h.clock.advance(24 * 3600 * 1000)
    expect(h.network.links).toHaveLength(1)
  })
})
