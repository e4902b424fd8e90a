import { describe, expect, it } from 'vitest'
import { SEARCH_ID } from '../protocol/search-messages.ts'
import { CONTENT_ID, FakeLink, FakeNetwork, idOf, ManualClock } from './harness.testing.ts'
import { SEARCH_DEFAULTS, type SearchSettings } from './search-options.ts'
import { SearchNode } from './search-node.ts'
import { SearchWorld } from './search-world.testing.ts'
import { SeededRandom } from '../ports/seeded-random.ts'

const OTHER = 'b'.repeat(64)
const queryId = (number: number): string => number.toString(16).padStart(32, '0')

describe('nodes that search', () => {
  it('find what is within the time to live, and nothing beyond', () => {
    const line = Array.from({ length: 7 }, (_, i) => [i, i + 1] as const)
    const world = SearchWorld.graph('line', 8, line, { ttl: 4 })
    for (const number of [0, 3, 4, 5]) world.held[number].add(CONTENT_ID)
    expect(world.find(0, CONTENT_ID)).toEqual(['holder-3', 'holder-4'])
    expect(world.find(0, OTHER)).toEqual([])
    expect(world.find(7, CONTENT_ID).toSorted()).toEqual(['holder-3', 'holder-4', 'holder-5'])
  })

  it('answer a query once, however many ways it comes', () => {
    const size = 6
    const all = Array.from({ length: size }, (_, i) => i).flatMap((i) =>
      Array.from({ length: size - i - 1 }, (_, j) => [i, i + j + 1] as const),
    )
    const world = SearchWorld.graph('full', size, all)
    world.held[5].add(CONTENT_ID)
    expect(world.find(0, CONTENT_ID)).toEqual(['holder-5'])
    expect(world.sum('queries')).toBe(size - 1)
    expect(world.sum('duplicates')).toBe((size - 1) * (size - 2))
  })

  it('come to know each other from one address, and then find everything', () => {
    const world = new SearchWorld('bootstrap')
    world.add([])
    for (let number = 1; number < 40; number++) world.add([0], { targetNeighbours: 4 })
    world.run(60_000)
    for (const node of world.nodes) {
      expect(node.neighbourCount).toBeGreaterThan(0)
      expect(node.neighbourCount).toBeLessThanOrEqual(SEARCH_DEFAULTS.maxNeighbours)
    }
    world.held[39].add(CONTENT_ID)
    expect(world.find(17, CONTENT_ID)).toEqual(['holder-39'])
  })

  it('ask again while a search goes on, and those who come later', () => {
    const world = new SearchWorld('late')
    world.add([])
    const found: string[] = []
    world.nodes[0].search(CONTENT_ID, (address) => found.push(address))
    world.run(5_000)
    world.add([0])
    world.held[1].add(CONTENT_ID)
    world.run(5_000)
    expect(found).toEqual(['holder-1'])
    world.add([1], { targetNeighbours: 1 })
    world.held[2].add(CONTENT_ID)
    world.run(SEARCH_DEFAULTS.askAgainMs + 5_000)
    expect(found).toEqual(['holder-1', 'holder-2'])
  })

  it('find their way again when a neighbour leaves', () => {
    const world = SearchWorld.graph('ring', 6, [...[0, 1, 2, 3, 4].map((i) => [i, i + 1] as const), [5, 0]])
    world.held[3].add(CONTENT_ID)
    world.nodes[1].stop()
    world.run(2_000)
    expect(world.find(0, CONTENT_ID)).toEqual(['holder-3'])
  })
})

/** One node, and a test in the place of its neighbours. */
class Harness {
  readonly clock = new ManualClock()
  readonly network = new FakeNetwork()
  readonly node: SearchNode

  constructor(bootstrap: readonly string[] = [], settings: Partial<SearchSettings> = {}) {
    this.node = new SearchNode(
      { clock: this.clock, network: this.network, random: new SeededRandom('search') },
      {
        ...{
          peerId: idOf(100),
          address: 'here',
          bootstrap,
          holds: (id) => (id === CONTENT_ID ? 'mine' : undefined),
        },
        settings: { ...SEARCH_DEFAULTS, ...settings },
      },
    )
    this.node.start()
  }

  /** A neighbour dials in and shakes hands. */
  meet(number: number): FakeLink {
    const link = new FakeLink(`from-${number}`)
    this.node.linkUp(link, true)
    this.shake(link, number)
    return link
  }

  shake(link: FakeLink, number: number, contentId = SEARCH_ID): void {
    const handshake = { contentId, peerId: idOf(number), address: `node-${number}` }
    this.node.message(link, { type: 'handshake', ...handshake, region: '', isOrigin: false, uploadSlots: 0 })
  }
}

describe('a node that searches', () => {
  it('heeds so many queries of one neighbour, and those of others meanwhile', () => {
    const h = new Harness([], { queriesPerS: 10, queryBurst: 5 })
    const [a, b] = [h.meet(1), h.meet(2)]
    for (let i = 0; i < 100; i++)
      h.node.message(a, { type: 'query', queryId: queryId(i), contentId: OTHER, ttl: 3 })
    expect(b.sentOf('query')).toHaveLength(5)
    expect(h.node.stats.limited).toBe(95)
    h.node.message(b, { type: 'query', queryId: queryId(1000), contentId: OTHER, ttl: 3 })
    expect(a.sentOf('query')).toHaveLength(1)
    h.clock.advance(300)
    for (let i = 0; i < 100; i++)
      h.node.message(a, { type: 'query', queryId: queryId(200 + i), contentId: OTHER, ttl: 3 })
    expect(b.sentOf('query')).toHaveLength(8)
  })

  it('cuts what others want to travel far, and passes nothing on at the end of its way', () => {
    const h = new Harness([], { maxTtl: 4 })
    const [a, b] = [h.meet(1), h.meet(2)]
    h.node.message(a, { type: 'query', queryId: queryId(1), contentId: CONTENT_ID, ttl: 15 })
    h.node.message(a, { type: 'query', queryId: queryId(2), contentId: CONTENT_ID, ttl: 1 })
    expect(b.sentOf('query').map(({ ttl }) => ttl)).toEqual([4])
    expect(a.sentOf('hit').map((hit) => hit.addresses)).toEqual([['mine'], ['mine']])
  })

  it('passes on so many hits, the way that the query came, and none that nobody asked for', () => {
    const h = new Harness([], { hitsPerQuery: 3 })
    const [a, b] = [h.meet(1), h.meet(2)]
    h.node.message(a, { type: 'query', queryId: queryId(1), contentId: OTHER, ttl: 3 })
    for (let i = 0; i < 10; i++)
      h.node.message(b, { type: 'hit', queryId: queryId(1), addresses: [`x-${i}`] })
    h.node.message(b, { type: 'hit', queryId: queryId(7), addresses: ['y'] })
    expect(a.sentOf('hit')).toHaveLength(3)
    expect(b.sentOf('hit')).toEqual([])
    expect(h.node.stats.strayHits).toBe(8)
  })

  it('remembers a bounded number of queries and nodes', () => {
    const h = new Harness([], {
      maxQueries: 10,
      queryBurst: 1000,
      maxKnown: 20,
      maxNeighbours: 100,
      targetNeighbours: 0,
    })
    const a = h.meet(1)
    for (let i = 0; i < 500; i++)
      h.node.message(a, { type: 'query', queryId: queryId(i), contentId: OTHER, ttl: 3 })
    for (let i = 0; i < 50; i++) {
      const addresses = Array.from({ length: 32 }, (_, j) => `far-${i}-${j}`)
      h.node.message(a, { type: 'neighbours', addresses })
    }
    expect(h.node.sizes).toEqual({ queries: 10, known: 20, pending: 0 })
    h.clock.advance(SEARCH_DEFAULTS.queryLifeMs + 1_000)
    expect(h.node.sizes.queries).toBe(0)
  })

  it('takes no more neighbours than it has room for, but tells the others of some', () => {
    const h = new Harness([], { maxNeighbours: 2 })
    const links = [1, 2, 3].map((number) => h.meet(number))
    expect(links.map(({ isClosed }) => isClosed)).toEqual([false, false, true])
    expect(links[2].sentOf('neighbours')[0].addresses.toSorted()).toEqual(['node-1', 'node-2'])
  })

  it('keeps one link to a node, and none to itself', () => {
    const h = new Harness(['node-1', 'here'])
    const [first, second] = h.network.links
    const [dialled, self] = first.remote === 'node-1' ? [first, second] : [second, first]
    h.node.linkUp(dialled, false)
    h.node.linkUp(self, false)
    h.shake(self, 100)
    expect(self.isClosed).toBe(true)
    h.shake(dialled, 1)
    // Both dialled each other: the link stays that the lower id dialled.
    const incoming = h.meet(1)
    expect([dialled.isClosed, incoming.isClosed, h.node.neighbourCount]).toEqual([true, false, 1])
  })

  it('gives up who does not shake hands, and dials again after ever longer pauses', () => {
    const h = new Harness(['node-1'], { connectTimeoutMs: 2_000, redialMs: 5_000 })
    const stranger = new FakeLink('from-9')
    h.node.linkUp(stranger, true)
    h.clock.advance(3_000)
    expect(stranger.isClosed).toBe(true)
    expect(h.network.links.map(({ isClosed }) => isClosed)).toEqual([true])
    h.clock.advance(600_000)
    expect(h.network.links.length).toBeGreaterThan(3)
    expect(h.network.links.length).toBeLessThan(12)
  })

  it('drops who speaks of something else', () => {
    const h = new Harness()
    const other = new FakeLink('from-9')
    h.node.linkUp(other, true)
    h.shake(other, 9, CONTENT_ID)
    expect(other.isClosed).toBe(true)
    const early = new FakeLink('from-8')
    h.node.linkUp(early, true)
    h.node.message(early, { type: 'query', queryId: queryId(1), contentId: OTHER, ttl: 3 })
    expect(early.isClosed).toBe(true)
    const odd = h.meet(7)
    h.node.message(odd, { type: 'choke' })
    expect([odd.isClosed, h.node.neighbourCount]).toEqual([true, 0])
  })

  it('is silent when it has stopped', () => {
    const h = new Harness(['node-1'])
    const a = h.meet(1)
    h.node.stop()
    expect(a.isClosed).toBe(true)
    h.node.message(a, { type: 'query', queryId: queryId(1), contentId: CONTENT_ID, ttl: 3 })
    expect([a.sentOf('hit'), h.clock.pending]).toEqual([[], 0])
  })
})
