import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkSet } from '../protocol/chunk-set.ts'
import { serialOf } from '../protocol/serial.ts'
import type { FakeLink } from './harness.testing.ts'
import { badBody, bodyOf, LiveHarness, type ViewerHarness } from './live-harness.testing.ts'

const START = 65_500
const SETTINGS = { maxNeighbours: 4, targetNeighbours: 3, maxFetches: 5, uploadSlots: 2, uploadQueue: 2 }
/** 20 chunks of window: ten a second. */
const LIVE = { windowMs: 2_000, keepPlayedMs: 200, resyncMs: 1_000 }
const WINDOW_CHUNKS = 20

/** Where in the stream: mostly near its present, ten chunks a second from the start on. */
const place = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -12, max: 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(-START, 40, 2 ** 40, Number.MAX_SAFE_INTEGER - START - 50_000) },
)
const numberAt = (h: ViewerHarness, offset: number): number =>
  Math.max(0, START + Math.floor(h.clock.nowMs() / 100) + offset)

/** Something that the world may do to a viewer; `pick` chooses among the links that are open. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 600 }) }),
  fc.record({ kind: fc.constant('dialIn' as const), peer: fc.integer({ min: 2, max: 9 }) }),
  fc.record({
    kind: fc.constant('window' as const),
    pick: fc.nat(),
    place,
    chunks: fc.array(fc.nat(11), { minLength: 1 }),
  }),
  fc.record({ kind: fc.constantFrom('have' as const, 'request' as const), pick: fc.nat(), place }),
  fc.record({ kind: fc.constant('deliver' as const), pick: fc.nat(), corrupt: fc.nat(9) }),
  fc.record({ kind: fc.constant('flow' as const), pick: fc.nat(), chunks: fc.integer({ min: 1, max: 15 }) }),
  fc.record({
    kind: fc.constantFrom(
      'choke' as const,
      'unchoke' as const,
      'busy' as const,
      'cancel' as const,
      'sent' as const,
      'down' as const,
    ),
    pick: fc.nat(),
    active: fc.constantFrom(0, 9),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** A neighbour that goes on until the viewer plays. */
const GOOD_START: readonly Step[] = [
  { kind: 'dialIn', peer: 2 },
  { kind: 'flow', pick: 0, chunks: 12 },
]

function play(h: ViewerHarness, links: FakeLink[], s: Step): void {
  if (s.kind === 'advance') return h.clock.advance(s.ms)
  if (s.kind === 'dialIn') {
    const link = h.dialIn(s.peer)
    h.peer.message(link, { type: 'unchoke', active: 0, queued: 0 })
    links.push(link)
    return
  }
  const open = links.filter((link) => !link.isClosed)
  if (open.length === 0) return
  const link = open[s.pick % open.length]
  const asked = link.sentOf('request').at(-1)
  switch (s.kind) {
    case 'window': {
      const chunks = new ChunkSet(Math.max(...s.chunks) + 1)
      for (const chunk of s.chunks) chunks.add(chunk)
      const first = numberAt(h, s.place)
      return h.peer.message(link, { type: 'window', first, chunks, active: 0, queued: 0 })
    }
    case 'have':
      return h.have(link, numberAt(h, s.place))
    case 'request':
      return h.peer.message(link, { type: 'request', requestId: 1, chunk: serialOf(numberAt(h, s.place)) })
    case 'deliver':
      return h.deliver(link, START, (number) => (number % 10 < s.corrupt - 7 ? badBody() : bodyOf(number)))
    case 'flow':
      // A neighbour that does what it should for a while.
      h.tell(link, [numberAt(h, 0)])
      for (let i = 0; i < s.chunks && !link.isClosed; i++) {
        h.have(link, numberAt(h, 0))
        h.deliver(link, START)
        h.clock.advance(100)
      }
      return
    case 'busy':
      return h.peer.message(link, {
        type: 'busy',
        requestId: asked?.requestId ?? 1,
        active: s.active,
        queued: 0,
      })
    case 'cancel':
      return h.peer.message(link, { type: 'cancel', requestId: 1 })
    case 'sent':
      return h.peer.chunkSent(link, 1, true)
    case 'down':
      link.isClosed = true
      return h.peer.linkDown(link, 'lost')
    default:
      return h.peer.message(link, { type: s.kind, active: 0, queued: 0 })
  }
}

describe('a viewer', () => {
  it('stays within its limits and plays nothing wrong or twice, whatever the others do', () => {
    let worlds = 0
    let playing = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const h = LiveHarness.viewer(LIVE, SETTINGS)
        worlds++
        h.join()
        const links: FakeLink[] = []
        for (const s of [...GOOD_START, ...steps]) {
          play(h, links, s)
          const { neighbours, fetches, uploads, queuedUploads } = h.peer.usage
          expect(neighbours).toBeLessThanOrEqual(SETTINGS.maxNeighbours)
          expect(fetches).toBeLessThanOrEqual(SETTINGS.maxFetches)
          expect(uploads).toBeLessThanOrEqual(SETTINGS.uploadSlots)
          expect(queuedUploads).toBeLessThanOrEqual(SETTINGS.uploadQueue)
          expect(h.peer.heldCount).toBeLessThanOrEqual(WINDOW_CHUNKS)
        }
        const played = h.played.filter(({ isThere }) => isThere).map(({ number: chunk }) => chunk)
        expect(new Set(played).size).toBe(played.length)
        expect(played.every((chunk) => h.chunks.includes(chunk))).toBe(true)
        playing += Number(played.length > 0)
        const { stats } = h.peer
        expect(stats.downloadedBytes).toBe(1064 * h.chunks.length)
        const asked = links.flatMap((link) => link.sentOf('request'))
        h.peer.leave()
        expect(h.recorder.rows).toHaveLength(asked.length)
        expect(h.clock.pending).toBe(0)
      }),
      { numRuns: 400 },
    )
    // Else the above has asserted little.
    expect(playing).toBeGreaterThan(worlds / 2)
  })
})
