import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { message } from '../protocol/arbitraries.testing.ts'
import { SEARCH_ID } from '../protocol/search-messages.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { CONTENT_ID, FakeLink, FakeNetwork, idOf, ManualClock } from './harness.testing.ts'
import { SEARCH_DEFAULTS } from './search-options.ts'
import { SearchNode } from './search-node.ts'
import { SearchWorld } from './search-world.testing.ts'

interface Graph {
  readonly size: number
  readonly links: readonly (readonly [number, number])[]
  readonly holders: readonly number[]
  readonly from: number
  readonly ttl: number
}

const graph: fc.Arbitrary<Graph> = fc.integer({ min: 2, max: 25 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    links: fc.uniqueArray(
      fc.tuple(fc.nat(size - 1), fc.nat(size - 1)).filter(([a, b]) => a < b),
      { maxLength: 3 * size, selector: ([a, b]) => a * size + b },
    ),
    holders: fc.uniqueArray(fc.nat(size - 1), { maxLength: 5 }),
    from: fc.nat(size - 1),
    ttl: fc.integer({ min: 1, max: 5 }),
  }),
)

/** Links from one node to each other one; Infinity where there is no way. */
function distances({ size, links, from }: Graph): number[] {
  const hops = new Array<number>(size).fill(Infinity)
  hops[from] = 0
  for (let round = 0; round < size; round++)
    for (const [a, b] of links) {
      hops[a] = Math.min(hops[a], hops[b] + 1)
      hops[b] = Math.min(hops[b], hops[a] + 1)
    }
  return hops
}

describe('searching in any graph', () => {
  it('finds exactly what is within the time to live, with a bounded number of messages', () => {
    fc.assert(
      fc.property(graph, (given) => {
        const { size, links, holders, from, ttl } = given
        const world = SearchWorld.graph('any', size, links, { ttl, maxTtl: ttl })
        for (const number of holders) world.held[number].add(CONTENT_ID)
        const before = world.sum('sent')
        const found = world.find(from, CONTENT_ID)
        const hops = distances(given)
        const near = holders.filter((number) => hops[number] >= 1 && hops[number] <= ttl)
        expect(found.toSorted()).toEqual(near.map((number) => `holder-${number}`).toSorted())
        // Each link carries a query at most once each way; a hit takes no more links back than the query took.
        const most = 2 * links.length + near.reduce((sum, number) => sum + hops[number], 0)
        expect(world.sum('sent') - before).toBeLessThanOrEqual(most)
      }),
      { numRuns: 150 },
    )
  })

  it('lives through any messages of its neighbours, within its bounds', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('say' as const), who: fc.nat(4), what: message }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(20_000) }),
      fc.record({ kind: fc.constant('lose' as const), who: fc.nat(4) }),
    )
    const settings = { ...SEARCH_DEFAULTS, maxNeighbours: 4, maxKnown: 10, maxQueries: 8 }
    await fuzz(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new ManualClock()
        const network = new FakeNetwork()
        const node = new SearchNode(
          { clock, network, random: new SeededRandom('fuzz') },
          { peerId: idOf(99), address: 'here', bootstrap: ['a'], settings, holds: () => 'mine' },
        )
        node.start()
        node.search(CONTENT_ID, () => {})
        const links = new Map<number, FakeLink>()
        const linkOf = (who: number): FakeLink => {
          const known = links.get(who)
          if (known && !known.isClosed) return known
          const link = new FakeLink(`from-${who}`)
          links.set(who, link)
          node.linkUp(link, true)
          const handshake = { contentId: SEARCH_ID, peerId: idOf(who), address: `node-${who}` }
          if (!link.isClosed)
            node.message(link, {
              type: 'handshake',
              ...handshake,
              region: '',
              isOrigin: false,
              uploadSlots: 0,
            })
          return link
        }
        for (const one of steps) {
          if (one.kind === 'pass') clock.advance(one.ms)
          else if (one.kind === 'lose') {
            const link = links.get(one.who)
            if (link && !link.isClosed) node.linkDown(link, 'lost')
            links.delete(one.who)
          } else {
            const link = linkOf(one.who)
            if (link.isClosed) continue
            if (one.what.type === 'chunk') node.chunkBegins(link)
            else node.message(link, one.what)
          }
          expect(node.neighbourCount).toBeLessThanOrEqual(4)
          expect(node.sizes.known).toBeLessThanOrEqual(11)
          expect(node.sizes.queries).toBeLessThanOrEqual(8)
          expect(node.sizes.pending).toBeLessThanOrEqual(4 + settings.targetNeighbours)
        }
      }),
      100,
    )
  })
})
