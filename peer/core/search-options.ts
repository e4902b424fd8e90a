import type { Address, ContentId, PeerId } from '../protocol/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { Network } from '../ports/network.ts'
import type { Random } from '../ports/random.ts'

/** How nodes search among their neighbours. */
export interface SearchSettings {
  /** Most links to other nodes that search. */
  readonly maxNeighbours: number
  /** A node dials others until it has this many links. */
  readonly targetNeighbours: number
  /** Links that an own query travels. */
  readonly ttl: number
  /** Links that a query of others may still travel from here; the larger number that it names is cut to this. */
  readonly maxTtl: number
  /** A query is known again, and its hits find their way back, for so long. */
  readonly queryLifeMs: number
  /** Queries that are remembered at once, own ones aside; the oldest are forgotten first. */
  readonly maxQueries: number
  /** Queries of one neighbour that are heeded: so many a second, after a burst. */
  readonly queriesPerS: number
  readonly queryBurst: number
  /** Hits of one query that are passed on. */
  readonly hitsPerQuery: number
  /** Holders that one own search is told of. */
  readonly maxFound: number
  /** A search that goes on asks again after so long. */
  readonly askAgainMs: number
  /** Nodes that are remembered, linked or not. */
  readonly maxKnown: number
  /** A link whose handshake has not come by then is given up. */
  readonly connectTimeoutMs: number
  /** Pause before a node that could not be reached is dialled again, doubled with each further time up to 64 times. */
  readonly redialMs: number
  /** How often the node looks after its links and tables. */
  readonly tickMs: number
}

export const SEARCH_DEFAULTS: SearchSettings = {
  maxNeighbours: 16,
  targetNeighbours: 8,
  ttl: 5,
  maxTtl: 7,
  queryLifeMs: 30_000,
  maxQueries: 4096,
  queriesPerS: 10,
  queryBurst: 40,
  hitsPerQuery: 32,
  maxFound: 200,
  askAgainMs: 15_000,
  maxKnown: 200,
  connectTimeoutMs: 10_000,
  redialMs: 5_000,
  tickMs: 1_000,
}

/** What a node that searches needs of the world. */
export interface SearchPorts {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
}

export interface SearchOptions {
  readonly peerId: PeerId
  /** Where this node accepts links of others that search. */
  readonly address: Address
  /** Nodes to begin with. */
  readonly bootstrap: readonly Address[]
  readonly settings: SearchSettings
  /** Where this node can be asked for a content; undefined where it does not hold it. */
  holds(contentId: ContentId): Address | undefined
  /** Whether an address that a neighbour names may be dialled; all may where it is left out. */
  believes?(address: Address, neighbour: Address): boolean
}

/** Counters since the node started. */
export class SearchStats {
  /** Queries of others that were new here, that had been here before, and that came too often. */
  queries = 0
  duplicates = 0
  limited = 0
  /** Hits passed on, and hits that nobody had asked for or that were too many. */
  hits = 0
  strayHits = 0
  /** Messages sent. */
  sent = 0
}
