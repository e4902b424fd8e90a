import type { Network } from '../ports/network.ts'
import type { FetchReason } from '../ports/recorder.ts'
import { Fetch } from './fetch.ts'
import type { Neighbour } from './neighbour.ts'
import type { NeighbourTable } from './neighbour-table.ts'
import type { Choice } from './seed-selector.ts'

/** The fetches of one peer that are under way, in the order in which they began. */
export class FetchList {
  readonly all: Fetch[] = []
  readonly #network: Network
  readonly #table: NeighbourTable
  #nextRequestId = 1

  constructor(network: Network, table: NeighbourTable) {
    this.#network = network
    this.#table = table
  }

  get count(): number {
    return this.all.length
  }

  /** How many ask an origin, as the last resort. */
  get fromOrigin(): number {
    return this.all.filter(({ reason }) => reason === 'origin').length
  }

  /** Asks the chosen neighbour for a chunk; `wireChunk` is its number on the wire. */
  start(
    chunk: number,
    wireChunk: number,
    { neighbour, decision }: Choice,
    reason: FetchReason,
    attempt: number,
    nowMs: number,
    fromSeed: boolean,
  ): Fetch {
    const requestId = this.#nextRequestId++
    const inflight = this.all.length
    const fetch = new Fetch(requestId, chunk, neighbour, reason, attempt, nowMs, inflight, decision, fromSeed)
    this.all.push(fetch)
    this.#table.requested(neighbour.row)
    this.#network.send(neighbour.link, { type: 'request', requestId, chunk: wireChunk })
    return fetch
  }

  /** Takes a fetch that has ended off the list. */
  remove(fetch: Fetch): void {
    this.all.splice(this.all.indexOf(fetch), 1)
    this.#table.ended(fetch.neighbour)
  }

  /** Tells the other side that its answer is no longer wanted. */
  cancel({ neighbour, requestId }: Fetch): void {
    this.#network.send(neighbour.link, { type: 'cancel', requestId })
  }

  includes(fetch: Fetch): boolean {
    return this.all.includes(fetch)
  }

  find(neighbour: Neighbour, requestId: number): Fetch | undefined {
    return this.all.find((fetch) => fetch.requestId === requestId && fetch.neighbour === neighbour)
  }

  /** Whether a chunk is being fetched. */
  fetches(chunk: number): boolean {
    return this.all.some((fetch) => fetch.chunk === chunk)
  }
}
