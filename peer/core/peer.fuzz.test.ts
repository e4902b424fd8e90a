import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidateOf, digestOf, type FakeLink, PeerHarness } from './harness.testing.ts'

const CHUNKS = 5
const SETTINGS = {
  maxNeighbours: 4,
  targetNeighbours: 3,
  maxFetches: 3,
  maxFetchesPerSeed: 2,
  uploadSlots: 2,
  uploadQueue: 2,
}

/** Something that the world may do to a peer; numbers pick among what is there. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  fc.record({ kind: fc.constant('candidates' as const), from: fc.integer({ min: 2, max: 8 }) }),
  fc.record({
    kind: fc.constantFrom('up' as const, 'down' as const, 'unchoke' as const, 'choke' as const),
    pick: fc.nat(),
  }),
  fc.record({
    kind: fc.constant('dialIn' as const),
    number: fc.integer({ min: 0, max: 12 }),
    held: fc.subarray([0, 1, 2, 3, 4]),
  }),
  fc.record({ kind: fc.constant('shake' as const), pick: fc.nat(), held: fc.subarray([0, 1, 2, 3, 4]) }),
  fc.record({ kind: fc.constant('have' as const), pick: fc.nat(), chunk: fc.nat(CHUNKS) }),
  fc.record({ kind: fc.constant('deliver' as const), pick: fc.nat(), isCorrupt: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom('busy' as const, 'cancel' as const, 'sent' as const),
    pick: fc.nat(),
    id: fc.nat(9),
  }),
  fc.record({ kind: fc.constant('ask' as const), pick: fc.nat(), id: fc.nat(9), chunk: fc.nat(CHUNKS) }),
  fc.record({ kind: fc.constant('interest' as const), pick: fc.nat(), interested: fc.boolean() }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Plays a step and returns the link that it made, if any. */
function play(h: PeerHarness, links: FakeLink[], s: Step): void {
  if (s.kind === 'advance') return h.clock.advance(s.ms)
  if (s.kind === 'candidates')
    return h.answer([s.from, s.from + 1, 20].map((n) => candidateOf(n, { isOrigin: n === 20 })))
  if (s.kind === 'dialIn') {
    links.push(h.dialIn(s.number, s.held))
    return
  }
  const open = [...links, ...h.network.links.filter((link) => link.remote !== 'tracker')].filter(
    (link) => !link.isClosed,
  )
  if (open.length === 0) return
  const link = open[s.pick % open.length]
  const number = Number(link.remote.slice('peer-'.length))
  switch (s.kind) {
    case 'up':
      return h.peer.linkUp(link, false)
    case 'down':
      link.isClosed = true
      return h.peer.linkDown(link, 'lost')
    case 'unchoke':
      return h.peer.message(link, { type: 'unchoke', active: 0, queued: 0 })
    case 'choke':
      return h.peer.message(link, { type: 'choke' })
    case 'shake':
      return h.shake(link, number, s.held, { isOrigin: number === 20 })
    case 'have':
      return h.peer.message(link, { type: 'have', chunk: s.chunk, active: 1, queued: 1 })
    case 'deliver': {
      const asked = link.sentOf('request').at(-1)
      if (!asked) return
      return h.deliver(link, asked.requestId, asked.chunk, digestOf(s.isCorrupt ? 99 : asked.chunk))
    }
    case 'busy':
      return h.peer.message(link, {
        type: 'busy',
        requestId: link.sentOf('request').at(-1)?.requestId ?? s.id,
        active: 9,
        queued: 9,
      })
    case 'cancel':
      return h.peer.message(link, { type: 'cancel', requestId: s.id })
    case 'sent':
      return h.peer.chunkSent(link, s.id, true)
    case 'ask':
      return h.peer.message(link, { type: 'request', requestId: s.id, chunk: s.chunk })
    case 'interest':
      return h.peer.message(link, { type: 'interested', interested: s.interested })
  }
}

describe('Peer', () => {
  it('stays within its limits and accepts nothing wrong, whatever the others do', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const h = new PeerHarness(CHUNKS, [], SETTINGS)
        h.join([candidateOf(2), candidateOf(3), candidateOf(20, { isOrigin: true })])
        const links: FakeLink[] = []
        for (const s of steps) {
          play(h, links, s)
          expect(h.peer.neighbourCount).toBeLessThanOrEqual(SETTINGS.maxNeighbours + 1)
          expect(h.peer.load.active).toBeLessThanOrEqual(SETTINGS.uploadSlots)
          expect(h.peer.load.queued).toBeLessThanOrEqual(SETTINGS.uploadQueue)
        }
        expect(new Set(h.store.written).size).toBe(h.store.written.length)
        expect(h.store.written.length).toBe(h.peer.have.count)
        expect(h.completions).toBe(h.peer.isComplete ? 1 : 0)
        const asked = [...links, ...h.network.links].flatMap((link) => link.sentOf('request'))
        h.peer.leave()
        expect(h.recorder.rows.length).toBe(asked.length)
        expect(h.recorder.rows.filter((row) => row.result === 'ok').length).toBe(h.peer.have.count)
        expect(h.clock.pending).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})
