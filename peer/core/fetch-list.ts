import type { ChunkHeader, FetchResult } from '../protocol/messages.ts'
import type { Network } from '../ports/network.ts'
import type { FetchReason } from '../ports/recorder.ts'
import { Fetch } from './fetch.ts'
import type { Neighbour } from './neighbour.ts'
import type { NeighbourTable } from './neighbour-table.ts'
import type { Choice } from './seed-selector.ts'
import { removeFrom } from './remove-from.ts'

/** The fetches of one peer that are under way, in the order in which they began. */
export class FetchList {
  readonly all: Fetch[] = []
  /** Failed tries by chunk. */
  readonly failures = new Map<number, number>()
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

  /** The first byte of a chunk has come. */
  began(neighbour: Neighbour, header: ChunkHeader, nowMs: number): void {
    const fetch = this.find(neighbour, header.requestId)
    if (!fetch) return
    fetch.firstByteMs = nowMs
    fetch.seedActive = header.active
    fetch.seedQueued = header.queued
  }

  /** A neighbour refuses a request. Returns the fetch that is to end with it. */
  refused(neighbour: Neighbour, requestId: number, active: number, queued: number): Fetch | undefined {
    const fetch = this.find(neighbour, requestId)
    if (!fetch || fetch.isVerifying) return undefined
    fetch.seedActive = active
    fetch.seedQueued = queued
    return fetch
  }

  /** Those that wait in a neighbour's queue, which is dropped when it chokes. */
  queuedAt(neighbour: Neighbour): Fetch[] {
    return this.all.filter((fetch) => fetch.neighbour === neighbour && Number.isNaN(fetch.firstByteMs))
  }

  /** Those that end with the link to a neighbour. */
  openAt(neighbour: Neighbour): Fetch[] {
    return this.all.filter((fetch) => fetch.neighbour === neighbour && !fetch.isVerifying)
  }

  /** A chunk has come, and is what it should be. Returns how long that took, milliseconds. */
  credit({ neighbour, chunk, decidedMs, firstByteMs }: Fetch, bytes: number, arrivedMs: number): number {
    const durationMs = arrivedMs - decidedMs
    neighbour.known.succeeded(bytes, firstByteMs - decidedMs, durationMs)
    this.#table.noteOutcome(neighbour)
    this.failures.delete(chunk)
    return durationMs
  }

  /**
   * A fetch has come to nothing: whom that tells against is left alone for `backoffMs` or longer. `isAnother`: it is no part of
   * a failure that was counted.
   */
  blame(
    fetch: Fetch,
    result: Exclude<FetchResult, 'ok'>,
    nowMs: number,
    backoffMs: number,
    isAnother = true,
  ): void {
    const { neighbour, chunk, decidedMs } = fetch
    if (result === 'busy') neighbour.known.refused(nowMs, backoffMs)
    else if (result !== 'cancelled') {
      const lostMs = result === 'timeout' ? nowMs - decidedMs : 0
      neighbour.known.failed(nowMs, backoffMs, lostMs, isAnother)
      this.failures.set(chunk, (this.failures.get(chunk) ?? 0) + 1)
    }
    this.#table.noteOutcome(neighbour)
  }

  /** Which try the next fetch of a chunk is, from 1. */
  attemptAt(chunk: number): number {
    return (this.failures.get(chunk) ?? 0) + 1
  }

  /** Takes a fetch that has ended off the list. */
  remove(fetch: Fetch): void {
    removeFrom(this.all, fetch)
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
