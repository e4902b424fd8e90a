import type { ChunkHeader, FetchResult } from '../protocol/messages.ts'
import { serialOf } from '../protocol/serial.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { ChunkFetcher } from './chunk-fetcher.ts'
import { eligible, holders } from './choice-lists.ts'
import type { Fetch } from './fetch.ts'
import { FetchList } from './fetch-list.ts'
import { ewma } from './known-peer.ts'
import type { LivePeerOptions, LivePorts } from './live-options.ts'
import type { LivePicker } from './live-picker.ts'
import type { Neighbour } from './neighbour.ts'
import type { NeighbourTable } from './neighbour-table.ts'
import { truncate } from './remove-from.ts'
import type { SeedSelector } from './seed-selector.ts'
import type { PeerStats } from './stats.ts'
import type { WindowTable } from './window-table.ts'

const MIN_TIMEOUT_MS = 500
/** Who lets so many requests in a row pass is taken for dead. Sources are not: they may be all that there is. */
const TIMEOUTS_OF_THE_DEAD = 2

/** Chunks by their numbers, from `from` to before `end`; those before `urgentEnd` come first. */
export interface FetchRange {
  readonly from: number
  readonly urgentEnd: number
  readonly end: number
}

export interface LiveFetcherHost {
  readonly neighbours: readonly Neighbour[]
  readonly stats: PeerStats
  /** The chunks that may be fetched now, if they are to come within `marginMs`. */
  range(marginMs: number): FetchRange
  ended(fetch: Fetch, result: FetchResult, bytes: number): void
  /** A chunk has been verified. Returns whether it was still of use. */
  verified(number: number, body: ChunkBody): boolean
  /** A neighbour has sent too many chunks that are not the stream's. */
  ban(neighbour: Neighbour): void
  /** A neighbour does not answer any more. */
  giveUp(neighbour: Neighbour): void
}

/** Pulls the chunks of a live stream: several at once, each from the holder that the ranker chooses. */
export class LiveFetcher implements ChunkFetcher {
  readonly #ports: LivePorts
  readonly #options: LivePeerOptions
  readonly #picker: LivePicker
  readonly #selector: SeedSelector
  readonly #table: WindowTable
  readonly #neighbours: NeighbourTable
  readonly #host: LiveFetcherHost
  readonly #fetches: FetchList
  #meanDurationMs = NaN
  #isStopped = false

  constructor(
    ports: LivePorts,
    options: LivePeerOptions,
    picker: LivePicker,
    selector: SeedSelector,
    table: WindowTable,
    neighbours: NeighbourTable,
    host: LiveFetcherHost,
  ) {
    this.#ports = ports
    this.#options = options
    this.#picker = picker
    this.#selector = selector
    this.#table = table
    this.#neighbours = neighbours
    this.#host = host
    this.#fetches = new FetchList(ports.network, neighbours)
  }

  get activeCount(): number {
    return this.#fetches.count
  }

  get hasRoom(): boolean {
    return this.#fetches.count < this.#options.settings.maxFetches
  }

  /** Starts as many fetches as there is room and choice for. */
  pump(): void {
    if (this.#isStopped || !this.hasRoom) return
    const nowMs = this.#ports.clock.nowMs()
    const range = this.#host.range(Number.isNaN(this.#meanDurationMs) ? 0 : this.#meanDurationMs)
    while (this.hasRoom && range.end > range.from && this.#startOne(range, nowMs));
  }

  /** Gives up the fetches that take too long, and those of chunks before `first`: they are too late. */
  tick(first: number): void {
    const nowMs = this.#ports.clock.nowMs()
    for (const fetch of this.#fetches.all.slice()) {
      if (fetch.isVerifying) continue
      const isLate = fetch.chunk < first
      if (!isLate && nowMs - fetch.decidedMs < this.#timeoutMs()) continue
      this.#fetches.cancel(fetch)
      this.#fail(fetch, isLate ? 'cancelled' : 'timeout')
    }
    for (const neighbour of this.#host.neighbours.slice())
      if (neighbour.known.timeoutsInRow >= TIMEOUTS_OF_THE_DEAD && !neighbour.isOrigin)
        this.#host.giveUp(neighbour)
    for (const number of this.#fetches.failures.keys())
      if (number < first) this.#fetches.failures.delete(number)
  }

  chunkBegins(neighbour: Neighbour, header: ChunkHeader): void {
    this.#fetches.began(neighbour, header, this.#ports.clock.nowMs())
  }

  chunkArrived(neighbour: Neighbour, header: ChunkHeader, body: ChunkBody): void {
    const fetch = this.#fetches.find(neighbour, header.requestId)
    if (!fetch || fetch.isVerifying || serialOf(fetch.chunk) !== header.chunk) return this.#waste(body)
    fetch.isVerifying = true
    const arrivedMs = this.#ports.clock.nowMs()
    this.#ports.verifier.verify(fetch.chunk, body, (isGenuine) => {
      if (!this.#fetches.includes(fetch)) return this.#waste(body)
      if (isGenuine) this.#succeed(fetch, body, arrivedMs)
      else this.#corrupt(fetch, body)
    })
  }

  /** The neighbour refuses a request. One with a free slot has not got the chunk any more. */
  refused(neighbour: Neighbour, requestId: number, active: number, queued: number): void {
    const fetch = this.#fetches.refused(neighbour, requestId, active, queued)
    if (!fetch) return
    if (active < neighbour.known.uploadSlots) this.#table.remove(neighbour.row, fetch.chunk)
    this.#fail(fetch, 'busy')
    this.pump()
  }

  /** The neighbour has dropped the requests that wait there. */
  choked(neighbour: Neighbour): void {
    for (const fetch of this.#fetches.queuedAt(neighbour)) this.#fail(fetch, 'busy')
    this.pump()
  }

  /** The link to a neighbour is gone. */
  lost(neighbour: Neighbour, wasAsked: boolean): void {
    if (wasAsked) for (const fetch of this.#fetches.openAt(neighbour)) this.#fail(fetch, 'disconnected')
    this.pump()
  }

  /** Gives up the fetches of chunks from `end` on, that the window has gone back behind; `tick` does those that are late. */
  cancelFrom(end: number): void {
    for (const fetch of this.#fetches.all.slice()) {
      if (fetch.chunk < end) continue
      this.#fetches.cancel(fetch)
      this.#fail(fetch, 'cancelled')
    }
    for (const number of this.#fetches.failures.keys())
      if (number >= end) this.#fetches.failures.delete(number)
  }

  /** Ends all fetches as cancelled; nothing starts any more. */
  stop(): void {
    this.#isStopped = true
    for (const fetch of this.#fetches.all.slice()) this.#end(fetch, 'cancelled', 0)
  }

  /** Whether a neighbour would be asked now if it held something wanted. */
  canAsk(row: number, nowMs: number): boolean {
    return this.#neighbours.canAsk(row, this.#options.settings.maxFetchesPerSeed, nowMs)
  }

  /** A buffer of seconds leaves no time to wait much longer than usual. */
  #timeoutMs(): number {
    const { fetchTimeoutMs } = this.#options.live
    if (Number.isNaN(this.#meanDurationMs)) return fetchTimeoutMs
    const usualMs = this.#options.settings.fetchTimeoutFactor * this.#meanDurationMs
    return Math.min(fetchTimeoutMs, Math.max(MIN_TIMEOUT_MS, usualMs))
  }

  #startOne({ from, urgentEnd, end }: FetchRange, nowMs: number): boolean {
    let count = 0
    for (const row of this.#neighbours.rows) if (this.canAsk(row, nowMs)) eligible[count++] = row
    truncate(eligible, count)
    if (eligible.length === 0) return false
    let number = this.#picker.pick(eligible, from, urgentEnd)
    if (number < 0) number = this.#picker.pick(eligible, Math.max(from, urgentEnd), end)
    if (number < 0) return false
    count = 0
    for (const row of eligible) if (this.#table.has(row, number)) holders[count++] = row
    truncate(holders, count)
    const choice = this.#selector.choose(holders, nowMs)
    const attempt = this.#fetches.attemptAt(number)
    const reason = choice.neighbour.isOrigin ? 'origin' : 'normal'
    this.#picker.started(number)
    this.#fetches.start(number, serialOf(number), choice, reason, attempt, nowMs, false)
    return true
  }

  #succeed(fetch: Fetch, body: ChunkBody, arrivedMs: number): void {
    const { stats } = this.#host
    const { known } = fetch.neighbour
    const durationMs = this.#fetches.credit(fetch, body.bytes, arrivedMs)
    this.#meanDurationMs = ewma(this.#meanDurationMs, durationMs)
    this.#end(fetch, 'ok', body.bytes)
    if (this.#host.verified(fetch.chunk, body)) {
      stats.downloadedBytes += body.bytes
      if (known.isOrigin) stats.fromOriginBytes += body.bytes
      else stats.fromPeerBytes += body.bytes
    } else this.#waste(body)
    this.pump()
  }

  #corrupt(fetch: Fetch, body: ChunkBody): void {
    this.#waste(body)
    const { known } = fetch.neighbour
    known.corruptCount++
    this.#table.remove(fetch.neighbour.row, fetch.chunk)
    this.#fail(fetch, 'corrupt')
    if (known.corruptCount >= this.#options.settings.corruptLimit) this.#host.ban(fetch.neighbour)
    this.pump()
  }

  #waste(body: ChunkBody): void {
    this.#host.stats.wastedBytes += body.bytes
  }

  #fail(fetch: Fetch, result: Exclude<FetchResult, 'ok'>): void {
    const { backoffMs } = this.#options.live
    // Many small chunks are under way at once: one pause of a neighbour, or of this peer, is not as many failures.
    const isAnother = result !== 'timeout' || fetch.decidedMs > fetch.neighbour.known.silentMs
    this.#fetches.blame(fetch, result, this.#ports.clock.nowMs(), backoffMs, isAnother)
    this.#end(fetch, result, 0)
  }

  #end(fetch: Fetch, result: FetchResult, bytes: number): void {
    this.#fetches.remove(fetch)
    this.#picker.ended(fetch.chunk)
    this.#host.ended(fetch, result, bytes)
  }
}
