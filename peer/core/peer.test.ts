import { describe, expect, it } from 'vitest'
import { FEATURE_INDEX } from '../protocol/features.ts'
import { candidateOf, digestOf, idOf, PeerHarness } from './harness.testing.ts'

const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('joining', () => {
  it('announces, dials the candidates and shakes hands', () => {
    const h = new PeerHarness(4)
    const tracker = h.join([candidateOf(2), candidateOf(3)])
    expect(tracker.sentOf('announce')).toMatchObject([{ event: 'started', peerId: idOf(1), wanted: 40 }])
    expect(h.network.links.map((link) => link.remote)).toEqual(['tracker', 'peer-2', 'peer-3'])
    expect(h.accept(2, []).sentOf('handshake')).toHaveLength(1)
    expect(h.peer.neighbourCount).toBe(1)
  })

  it('announces again with a doubling pause while the tracker is away', () => {
    const h = new PeerHarness(4, [], { announceBackoffMs: 1000, maxAnnounceBackoffMs: 4000 })
    h.peer.start()
    const pausesMs: number[] = []
    for (let i = 0; i < 5; i++) {
      const before = h.network.links.length
      h.peer.linkDown(h.network.to('tracker'), 'refused')
      const fromMs = h.clock.nowMs()
      while (h.network.links.length === before) h.clock.advance(10)
      pausesMs.push(h.clock.nowMs() - fromMs)
    }
    for (const [i, wantedMs] of [1000, 2000, 4000, 4000, 4000].entries())
      expect(Math.abs(pausesMs[i] - wantedMs)).toBeLessThanOrEqual(0.1 * wantedMs + 10)
  })

  it('asks again soon, then less often, while the tracker names nobody', () => {
    const h = new PeerHarness(4, [], { announceBackoffMs: 1000 })
    const tracker = h.join([])
    const pausesMs: number[] = []
    for (let count = 2; count <= 8; count++) {
      const fromMs = h.clock.nowMs()
      while (tracker.sentOf('announce').length < count) h.clock.advance(10)
      pausesMs.push(h.clock.nowMs() - fromMs)
      h.answer([])
    }
    for (const [i, wantedMs] of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries())
      expect(Math.abs(pausesMs[i] - wantedMs)).toBeLessThanOrEqual(0.1 * wantedMs + 10)
  })

  it('gives up a tracker that takes the announce and never answers', () => {
    const h = new PeerHarness(4)
    h.peer.start()
    const first = h.network.to('tracker')
    h.peer.linkUp(first, false)
    h.clock.advance(15_000)
    expect(first.isClosed).toBe(true)
    expect(h.network.to('tracker')).not.toBe(first)
  })

  it('keeps its set of neighbours bounded', () => {
    const h = new PeerHarness(4, [], { maxNeighbours: 3, targetNeighbours: 2 })
    h.join([2, 3, 4, 5].map((n) => candidateOf(n)))
    expect(h.network.links).toHaveLength(3)
    h.accept(2, [])
    h.accept(3, [])
    expect(h.dialIn(8, []).isClosed).toBe(false)
    expect(h.dialIn(9, []).isClosed).toBe(true)
    expect(h.peer.neighbourCount).toBe(3)
  })

  it('keeps one of two links to the same peer, the same on both sides', () => {
    const h = new PeerHarness(4)
    h.join([candidateOf(2)])
    const dialled = h.accept(2, [])
    const incoming = h.dialIn(2, [])
    expect([dialled.isClosed, incoming.isClosed]).toEqual([false, true])
    const lower = new PeerHarness(4)
    lower.join([candidateOf(0)])
    const out = lower.accept(0, [])
    const back = lower.dialIn(0, [])
    expect([out.isClosed, back.isClosed]).toEqual([true, false])
  })

  it('drops a neighbour that breaks the protocol', () => {
    const h = new PeerHarness(4)
    h.join([candidateOf(2), candidateOf(3)])
    const link = h.accept(2, [0])
    h.peer.message(link, { type: 'have', chunk: 4, active: 0, queued: 0 })
    expect(link.isClosed).toBe(true)
    const other = h.accept(3, [0])
    h.peer.message(other, { type: 'bitfield', chunks: h.setOf([1]) })
    expect(other.isClosed).toBe(true)
  })
})

describe('fetching', () => {
  it('fetches the rarest chunk first', () => {
    const h = new PeerHarness(4, [], { maxFetches: 1 })
    h.join([2, 3, 4].map((n) => candidateOf(n)))
    const links = [2, 3, 4].map((n) => h.network.to(`peer-${n}`))
    for (const [i, held] of [
      [0, 1, 2, 3],
      [0, 1, 3],
      [0, 3],
    ].entries()) {
      h.peer.linkUp(links[i], false)
      h.shake(links[i], i + 2, held)
    }
    for (const link of links) h.peer.message(link, { type: 'unchoke', active: 0, queued: 0 })
    expect(links[0].sentOf('request')).toMatchObject([{ chunk: 2 }])
    h.deliver(links[0], links[0].sentOf('request')[0].requestId, 2)
    expect(links.flatMap((link) => link.sentOf('request')).at(-1)).toMatchObject({ chunk: 1 })
  })

  it('keeps to the window where chunks are wanted in order', () => {
    const h = new PeerHarness(10, [], {
      maxFetches: 4,
      maxFetchesPerSeed: 8,
      chunkOrder: { kind: 'window', chunks: 3 },
    })
    h.join([candidateOf(2)])
    const link = h.accept(2, all(10))
    const chunks = link.sentOf('request').map((request) => request.chunk)
    expect(chunks.toSorted()).toEqual([0, 1, 2])
  })

  it('keeps to its limits of parallel fetches', () => {
    const h = new PeerHarness(20, [], { maxFetches: 3, maxFetchesPerSeed: 2 })
    h.join([candidateOf(2), candidateOf(3)])
    const a = h.accept(2, all(20))
    const b = h.accept(3, all(20))
    expect(a.sentOf('request')).toHaveLength(2)
    expect(b.sentOf('request')).toHaveLength(1)
  })

  it('shows the ranker all holders with their features and records the decision with its outcome', () => {
    const h = new PeerHarness(1, [], { maxFetches: 1 })
    h.join([candidateOf(2, { goodputBps: 5000, active: 3 }), candidateOf(3)])
    h.accept(2, [])
    h.accept(3, [0])
    const link = h.network.to('peer-3')
    const [asked] = h.ranker.asked
    expect(asked.peerIds).toEqual([idOf(3)])
    expect(asked.features[FEATURE_INDEX.rtt_ms]).toBe(20)
    expect(asked.features[FEATURE_INDEX.goodput_bps]).toBeNaN()
    h.clock.advance(500)
    h.deliver(link, link.sentOf('request')[0].requestId, 0)
    expect(h.recorder.rows).toMatchObject([
      {
        place: 'peer',
        chunk: 0,
        chosen: 0,
        result: 'ok',
        reason: 'normal',
        bytes: 1000,
        durationMs: 500,
        ttfbMs: 500,
        propensity: 1,
        trackerPolicy: 'random',
        trackerRank: 1,
        seedActive: 1,
        attempt: 1,
      },
    ])
    expect(h.completions).toBe(1)
    expect(h.peer.isComplete).toBe(true)
  })

  it('gives up a fetch in time and tries another seed', () => {
    const h = new PeerHarness(1, [], { maxFetchTimeoutMs: 20_000, originAfterMs: 1e9 })
    h.join([candidateOf(2), candidateOf(3)])
    const slow = h.accept(2, [0])
    const other = h.accept(3, [0])
    expect(other.sentOf('request')).toHaveLength(0)
    h.clock.advance(20_000)
    expect(slow.sentOf('cancel')).toHaveLength(1)
    expect(other.sentOf('request')).toHaveLength(1)
    expect(h.recorder.rows).toMatchObject([{ result: 'timeout', durationMs: 20_000 }])
    h.deliver(other, other.sentOf('request')[0].requestId, 0)
    expect(h.recorder.rows[1]).toMatchObject({ result: 'ok', attempt: 2 })
  })

  it('leaves a busy seed alone for a while, longer each time', () => {
    const h = new PeerHarness(1, [], { seedBackoffMs: 1000, originAfterMs: 1e9 })
    h.join([candidateOf(2)])
    const link = h.accept(2, [0])
    const refuse = (): void => {
      const { requestId } = link.sentOf('request').at(-1)!
      h.peer.message(link, { type: 'busy', requestId, active: 4, queued: 8 })
    }
    refuse()
    h.clock.advance(999)
    expect(link.sentOf('request')).toHaveLength(1)
    h.clock.advance(1)
    expect(link.sentOf('request')).toHaveLength(2)
    refuse()
    h.clock.advance(1999)
    expect(link.sentOf('request')).toHaveLength(2)
    h.clock.advance(1)
    expect(link.sentOf('request')).toHaveLength(3)
    expect(h.recorder.rows).toMatchObject([
      { result: 'busy', seedActive: 4, seedQueued: 8 },
      { result: 'busy' },
    ])
  })

  it('asks the other seed when the link to one breaks', () => {
    const h = new PeerHarness(1)
    h.join([candidateOf(2), candidateOf(3)])
    const first = h.accept(2, [0])
    const second = h.accept(3, [0])
    h.peer.linkDown(first, 'lost')
    expect(second.sentOf('request')).toHaveLength(1)
    expect(h.recorder.rows).toMatchObject([{ result: 'disconnected' }])
  })

  it('refuses a corrupt chunk and bans its seed', () => {
    const h = new PeerHarness(2, [], { maxFetches: 1 })
    h.join([candidateOf(2), candidateOf(3)])
    const liar = h.accept(2, all(2))
    const honest = h.accept(3, all(2))
    const { requestId, chunk } = liar.sentOf('request')[0]
    h.deliver(liar, requestId, chunk, digestOf(77))
    expect(h.store.written).toEqual([])
    expect(liar.isClosed).toBe(true)
    expect(h.recorder.rows).toMatchObject([{ result: 'corrupt', bytes: 0 }])
    expect(h.peer.stats.wastedBytes).toBe(1000)
    expect(honest.sentOf('request')).toHaveLength(1)
    expect(h.dialIn(2, all(2)).isClosed).toBe(true)
  })

  it('doubles a slow last fetch in the end game and cancels the loser', () => {
    const h = new PeerHarness(2, [], { maxFetches: 4, maxFetchesPerSeed: 1, originAfterMs: 1e9 })
    h.join([candidateOf(2), candidateOf(3)])
    const slow = h.accept(2, all(2))
    const fast = h.accept(3, all(2))
    h.clock.advance(400)
    const first = fast.sentOf('request')[0]
    h.deliver(fast, first.requestId, first.chunk)
    const copies = fast.sentOf('request')
    expect(copies).toHaveLength(2)
    expect(copies[1].chunk).toBe(slow.sentOf('request')[0].chunk)
    h.clock.advance(100)
    h.deliver(fast, copies[1].requestId, copies[1].chunk)
    expect(slow.sentOf('cancel')).toHaveLength(1)
    expect(h.recorder.rows.map((row) => [row.result, row.reason])).toEqual([
      ['ok', 'normal'],
      ['ok', 'endgame'],
      ['cancelled', 'normal'],
    ])
  })

  it('turns to the origin when other peers give nothing for a time, and stays with it while they do not', () => {
    const h = new PeerHarness(4, [], { originAfterMs: 3000, maxFetchesPerSeed: 2 })
    h.join([candidateOf(2), candidateOf(9, { isOrigin: true })])
    const useless = h.accept(2, [])
    h.clock.advance(2999)
    expect(h.network.links.map((link) => link.remote)).toEqual(['tracker', 'peer-2'])
    h.clock.advance(1)
    const origin = h.accept(9, all(4), { isOrigin: true })
    expect(origin.sentOf('request')).toHaveLength(2)
    h.clock.advance(100)
    const [request] = origin.sentOf('request')
    h.deliver(origin, request.requestId, request.chunk)
    expect(origin.sentOf('request')).toHaveLength(3)
    expect(useless.sentOf('request')).toHaveLength(0)
    expect(h.recorder.rows).toMatchObject([{ reason: 'origin', result: 'ok' }])
    expect(h.peer.stats.fromOriginBytes).toBe(1000)
  })

  it('asks the origin at once where it knows nobody else', () => {
    const h = new PeerHarness(2, [], { originAfterMs: 3000 })
    h.join([candidateOf(9, { isOrigin: true })])
    expect(h.accept(9, all(2), { isOrigin: true }).sentOf('request')).toHaveLength(2)
  })

  it('tells neighbours of a new chunk, but not those that hold it', () => {
    const h = new PeerHarness(2, [], { maxFetches: 1 })
    h.join([candidateOf(2), candidateOf(3)])
    const seed = h.accept(2, all(2))
    const leecher = h.accept(3, [])
    const { requestId, chunk } = seed.sentOf('request')[0]
    h.deliver(seed, requestId, chunk)
    expect(leecher.sentOf('have')).toMatchObject([{ chunk }])
    expect(seed.sentOf('have')).toEqual([])
  })
})

describe('leaving', () => {
  it('ends fetches as cancelled, says goodbye and stops all timers', () => {
    const h = new PeerHarness(2)
    const tracker = h.join([candidateOf(2)])
    const link = h.accept(2, all(2))
    h.peer.leave()
    expect(tracker.sentOf('leave')).toHaveLength(1)
    expect(link.isClosed).toBe(true)
    expect(h.recorder.rows.map((row) => row.result)).toEqual(['cancelled', 'cancelled'])
    expect(h.clock.pending).toBe(0)
  })

  it('crashes without a word and without a timer', () => {
    const h = new PeerHarness(2)
    const tracker = h.join([candidateOf(2), candidateOf(3)])
    h.accept(2, all(2))
    h.peer.crash()
    expect(tracker.sentOf('leave')).toEqual([])
    expect(h.clock.pending).toBe(0)
    h.clock.advance(1e6)
    expect(h.network.links).toHaveLength(3)
  })
})
