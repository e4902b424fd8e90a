import { createTestFabric } from '../../sim/fabric.testing.ts'
import { SimClock } from '../../sim/sim-clock.ts'
import type { Address, ContentId } from '../protocol/ids.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { idOf } from './harness.testing.ts'
import { SEARCH_DEFAULTS, type SearchSettings } from './search-options.ts'
import { SearchNode } from './search-node.ts'

/** Nodes that search, in a simulated network; each holds what a test gives it. */
export class SearchWorld {
  readonly nodes: SearchNode[] = []
  readonly held: Set<ContentId>[] = []
  readonly #fabric = createTestFabric()
  readonly #seed: string

  constructor(seed: string) {
    this.#seed = seed
  }

  static addressOf(number: number): Address {
    return `node-${number}`
  }

  /** Adds a node that begins with others, by their numbers, and starts it. */
  add(bootstrap: readonly number[], settings: Partial<SearchSettings> = {}): void {
    this.#create(bootstrap, settings).start()
  }

  #create(bootstrap: readonly number[], settings: Partial<SearchSettings>): SearchNode {
    const number = this.nodes.length
    const address = SearchWorld.addressOf(number)
    const held = new Set<ContentId>()
    const network = this.#fabric.add(address)
    const node = new SearchNode(
      {
        clock: new SimClock(network),
        random: new SeededRandom(`${this.#seed}/${number}`),
        network,
      },
      {
        ...{ peerId: idOf(number + 1), address, bootstrap: bootstrap.map(SearchWorld.addressOf) },
        settings: { ...SEARCH_DEFAULTS, ...settings },
        holds: (contentId) => (held.has(contentId) ? `holder-${number}` : undefined),
      },
    )
    this.nodes.push(node)
    this.held.push(held)
    return node
  }

  /** A graph with exactly those links: nobody dials on. */
  static graph(
    seed: string,
    size: number,
    links: readonly (readonly [number, number])[],
    more: Partial<SearchSettings> = {},
  ): SearchWorld {
    const world = new SearchWorld(seed)
    for (let number = 0; number < size; number++) {
      const dials = links.filter(([from]) => from === number).map(([, to]) => to)
      // A node that has reached its target hears of others without dialling them.
      world.#create(dials, { maxKnown: 0, maxNeighbours: size, targetNeighbours: size, ...more })
    }
    for (const node of world.nodes) node.start()
    world.run(3_000)
    return world
  }

  run(ms: number): void {
    const { kernel } = this.#fabric
    kernel.run(kernel.nowMs + ms)
  }

  /** What a search of a node finds within a time. */
  find(number: number, contentId: ContentId, ms = 5_000): Address[] {
    const found: Address[] = []
    const stop = this.nodes[number].search(contentId, (address) => found.push(address))
    this.run(ms)
    stop()
    return found
  }

  sum(counter: keyof SearchNode['stats']): number {
    return this.nodes.reduce((sum, { stats }) => sum + stats[counter], 0)
  }
}
