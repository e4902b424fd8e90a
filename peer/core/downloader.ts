import type { ChunkSet } from '../protocol/chunk-set.ts'
import type { ChunkHeader, FetchResult } from '../protocol/messages.ts'
import type { ChunkBody, ChunkStore } from '../ports/chunk-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Network } from '../ports/network.ts'
import type { FetchReason } from '../ports/recorder.ts'
import type { ChunkFetcher } from './chunk-fetcher.ts'
import type { ChunkDemand } from './chunk-demand.ts'
import { eligible, holders } from './choice-lists.ts'
import type { ChunkPicker } from './chunk-picker.ts'
import { fetchTimeoutMs, firstToRescue, isDemanded, isIn, rangeForPeers } from './demand-choice.ts'
import type { Fetch } from './fetch.ts'
import { FetchList } from './fetch-list.ts'
import { ewma } from './known-peer.ts'
import type { Neighbour } from './neighbour.ts'
import type { NeighbourTable } from './neighbour-table.ts'
import type { PeerOptions } from './options.ts'
import { truncate } from './remove-from.ts'
import type { Choice, SeedSelector } from './seed-selector.ts'
import type { PeerStats } from './stats.ts'
import { demandWakeMs, endgameWakeMs, WakeTimer } from './wake-timer.ts'

export interface DownloaderHost {
  readonly have: ChunkSet
  readonly stats: PeerStats
  /** A linked origin that takes requests, or undefined; starts to connect to one where there is none. */
  origin(): Neighbour | undefined
  /** Whether there are peers, origins aside, that may come to serve. */
  knowsOthers(): boolean
  /** A fetch has ended. */
  ended(fetch: Fetch, result: FetchResult, bytes: number): void
  /** A chunk has been verified and kept. */
  kept(chunk: number): void
  /** A seed has sent too many corrupt chunks. */
  ban(neighbour: Neighbour): void
}

/** Fetches the missing chunks: several at once, each from the holder that the ranker chooses. */
export class Downloader implements ChunkFetcher {
  readonly #clock: Clock
  readonly #network: Network
  readonly #fetches: FetchList
  readonly #store: ChunkStore
  readonly #options: PeerOptions
  readonly #picker: ChunkPicker
  readonly #selector: SeedSelector
  readonly #neighbours: NeighbourTable
  readonly #host: DownloaderHost
  readonly #wake: WakeTimer
  /** Which chunks are wanted; all of them without it. */
  demand: ChunkDemand | undefined
  #meanDurationMs = NaN
  /** When the last chunk came from a peer, or the peer began. */
  #lastPeerChunkMs: number
  #isStopped = false

  constructor(
    clock: Clock,
    network: Network,
    store: ChunkStore,
    options: PeerOptions,
    picker: ChunkPicker,
    selector: SeedSelector,
    neighbours: NeighbourTable,
    host: DownloaderHost,
  ) {
    this.#clock = clock
    this.#network = network
    this.#fetches = new FetchList(network, neighbours)
    this.#store = store
    this.#options = options
    this.#picker = picker
    this.#selector = selector
    this.#neighbours = neighbours
    this.#host = host
    this.#lastPeerChunkMs = clock.nowMs()
    this.#wake = new WakeTimer(clock, () => this.pump())
  }

  /** Fetches that count against `maxFetches`: urgent ones from an origin may come on top. */
  get activeCount(): number {
    return this.#fetches.count - Math.min(this.#fetches.fromOrigin, this.demand?.originFetches ?? 0)
  }

  /** Whether one more fetch may start. */
  get hasRoom(): boolean {
    return this.#fetches.count < this.#options.settings.maxFetches
  }

  /** Whether a neighbour would be asked now if it held something wanted. */
  canAsk(row: number, nowMs: number): boolean {
    const { maxFetchesPerSeed } = this.#options.settings
    return this.#neighbours.canAsk(row, maxFetchesPerSeed, nowMs) && !this.#neighbours.isOrigin(row)
  }

  /** Starts as many fetches as there is room and choice for. */
  pump(): void {
    if (this.#isStopped) return
    const isIdle = this.#host.have.isFull || this.demand?.wantsPeers === false
    if (!isIdle) this.#startFetches()
    // Where a neighbour gets a chunk, that matters at once only to a peer that could ask for it.
    this.#network.newsCanWait = isIdle || !this.hasRoom
  }

  /** Gives up the fetches of chunks that the demand does not name any more, and starts others. */
  demandChanged(): void {
    const { demand } = this
    if (!demand || this.#isStopped) return
    for (const fetch of this.#fetches.all.slice()) {
      if (fetch.isVerifying || isDemanded(demand, fetch.chunk)) continue
      this.#fetches.cancel(fetch)
      this.#end(fetch, 'cancelled', 0)
    }
    this.pump()
  }

  #startFetches(): void {
    const nowMs = this.#clock.nowMs()
    const { demand } = this
    if (demand) {
      while (this.#startUrgent(demand, nowMs));
      while (this.hasRoom && (this.#startWanted(demand, nowMs) || this.#startOrigin(nowMs)));
    } else
      while (
        this.hasRoom &&
        (this.#startNormal(nowMs) || this.#startEndgame(nowMs) || this.#startOrigin(nowMs))
      );
    if (this.hasRoom) this.#planWake(nowMs)
  }

  chunkBegins(neighbour: Neighbour, header: ChunkHeader): void {
    this.#fetches.began(neighbour, header, this.#clock.nowMs())
  }

  chunkArrived(neighbour: Neighbour, header: ChunkHeader, body: ChunkBody): void {
    const fetch = this.#fetches.find(neighbour, header.requestId)
    if (!fetch || fetch.isVerifying || fetch.chunk !== header.chunk) {
      this.#host.stats.wastedBytes += body.bytes
      return
    }
    fetch.isVerifying = true
    this.#clearTimer(fetch)
    const arrivedMs = this.#clock.nowMs()
    this.#store.digest(body, (digest) => {
      if (!this.#fetches.includes(fetch)) return this.#waste(body)
      if (digest !== this.#options.manifest.digests[fetch.chunk]) return this.#corrupt(fetch, body)
      this.#store.write(fetch.chunk, body, (isKept) => {
        if (!this.#fetches.includes(fetch)) return this.#waste(body)
        if (isKept) this.#succeed(fetch, body, arrivedMs)
        else this.#fail(fetch, 'cancelled')
      })
    })
  }

  /** The seed refuses a request. */
  refused(neighbour: Neighbour, requestId: number, active: number, queued: number): void {
    const fetch = this.#fetches.refused(neighbour, requestId, active, queued)
    if (fetch) this.#fail(fetch, 'busy')
  }

  /** The seed has dropped the requests that wait there. */
  choked(neighbour: Neighbour): void {
    for (const fetch of this.#fetches.queuedAt(neighbour)) this.#fail(fetch, 'busy')
  }

  lost(neighbour: Neighbour, wasAsked: boolean): void {
    if (!wasAsked) return
    for (const fetch of this.#fetches.openAt(neighbour)) this.#fail(fetch, 'disconnected')
  }

  /** Ends all fetches as cancelled; nothing starts any more. */
  stop(): void {
    this.#isStopped = true
    this.#wake.stop()
    for (const fetch of this.#fetches.all.slice()) this.#end(fetch, 'cancelled', 0)
  }

  #startNormal(nowMs: number): boolean {
    const askable = this.#listEligible(nowMs)
    const chunk = this.#picker.pick(askable)
    return chunk >= 0 && this.#startFrom(askable, chunk, 'normal', nowMs)
  }

  /** From the origin, in order, what the demand wants from nobody else. */
  #startUrgent(demand: ChunkDemand, nowMs: number): boolean {
    const { urgent, originFetches, rescues } = demand
    const { have } = this.#host
    const chunk = rescues ? firstToRescue(urgent, have, this.#fetches.all) : this.#picker.pickFirst(urgent)
    if (chunk < 0) return false
    const neighbour = originFetches > 0 ? this.#freeOrigin(nowMs) : undefined
    if (!neighbour || !this.#neighbours.canAsk(neighbour.row, originFetches, nowMs)) return false
    this.#start(chunk, this.#selector.choose([neighbour.row], nowMs), 'origin', nowMs)
    return true
  }

  #startWanted(demand: ChunkDemand, nowMs: number): boolean {
    const askable = this.#listEligible(nowMs)
    if (askable.length === 0) return false
    const range = rangeForPeers(demand, () => this.#freeOrigin(nowMs) !== undefined)
    const chunk = this.#picker.pickIn(askable, range, demand.order === 'in-order')
    return chunk >= 0 && this.#startFrom(askable, chunk, 'normal', nowMs)
  }

  /** When all that is missing is on its way, the slowest fetches are doubled from other holders. */
  #startEndgame(nowMs: number): boolean {
    const { endgameCopies } = this.#options.settings
    if (endgameCopies < 2 || !this.#picker.allRequested) return false
    for (const fetch of this.#fetches.all) {
      if (fetch.isVerifying || !(nowMs - fetch.decidedMs >= this.#meanDurationMs)) continue
      const copies = this.#fetches.all.filter((other) => other.chunk === fetch.chunk)
      if (copies.length >= endgameCopies) continue
      const others = this.#listEligible(nowMs).filter(
        (row) => !copies.some((copy) => copy.neighbour.row === row),
      )
      if (this.#startFrom(others, fetch.chunk, 'endgame', nowMs)) return true
    }
    return false
  }

  #startOrigin(nowMs: number): boolean {
    const chunk = this.#chunkForOrigin(nowMs)
    if (chunk < 0) return false
    const neighbour = this.#freeOrigin(nowMs)
    const { maxFetchesPerSeed } = this.#options.settings
    if (!neighbour || !this.#neighbours.canAsk(neighbour.row, maxFetchesPerSeed, nowMs)) return false
    this.#start(chunk, this.#selector.choose([neighbour.row], nowMs), 'origin', nowMs)
    return true
  }

  /** A linked origin that takes requests now. */
  #freeOrigin(nowMs: number): Neighbour | undefined {
    const neighbour = this.#host.origin()
    return neighbour && this.#neighbours.isReady(neighbour.row, nowMs) ? neighbour : undefined
  }

  /**
   * What the origin is asked for: a chunk that failed too often; anything while peers give nothing, after some patience
   * if there are any; or a stuck last chunk.
   */
  #chunkForOrigin(nowMs: number): number {
    const { originAfterMs, originAfterFailures, minFetchTimeoutMs } = this.#options.settings
    for (const [chunk, failures] of this.#fetches.failures)
      if (failures >= originAfterFailures && this.#isWanted(chunk)) return chunk
    if (this.demand) return this.#host.knowsOthers() ? -1 : this.#picker.pickFirst(this.demand.window)
    if (nowMs - this.#lastPeerChunkMs < originAfterMs && this.#host.knowsOthers()) return -1
    if (this.#fetches.all.every((fetch) => fetch.reason === 'origin')) return this.#picker.pickAny()
    if (!this.#picker.allRequested || this.#fetches.all.some((fetch) => fetch.reason === 'origin')) return -1
    const stuckMs = Math.max(originAfterMs, minFetchTimeoutMs)
    const stuck = this.#fetches.all.find((fetch) => !fetch.isVerifying && nowMs - fetch.decidedMs >= stuckMs)
    return stuck ? stuck.chunk : -1
  }

  #isWanted(chunk: number): boolean {
    return this.#picker.isWanted(chunk) && (!this.demand || isIn(this.demand.window, chunk))
  }

  #listEligible(nowMs: number): number[] {
    let count = 0
    for (const row of this.#neighbours.rows) if (this.canAsk(row, nowMs)) eligible[count++] = row
    truncate(eligible, count)
    return eligible
  }

  #startFrom(rows: readonly number[], chunk: number, reason: FetchReason, nowMs: number): boolean {
    let count = 0
    for (const row of rows) if (this.#picker.held.has(row, chunk)) holders[count++] = row
    truncate(holders, count)
    if (count === 0) return false
    this.#start(chunk, this.#selector.choose(holders, nowMs), reason, nowMs)
    return true
  }

  #start(chunk: number, choice: Choice, reason: FetchReason, nowMs: number): void {
    const attempt = this.#fetches.attemptAt(chunk)
    const fetch = this.#fetches.start(
      chunk,
      chunk,
      choice,
      reason,
      attempt,
      nowMs,
      this.#picker.held.isFull(choice.neighbour.row) || choice.neighbour.known.completeness === 1,
    )
    fetch.deadlineMs = this.demand?.deadlineMs(chunk) ?? NaN
    this.#picker.started(chunk)
    this.#watch(fetch, Math.min(this.#options.settings.minFetchTimeoutMs, this.#timeoutMs(fetch)))
  }

  /** Ends a fetch at its time-out, which may have changed with other fetches' durations when `afterMs` have passed. */
  #watch(fetch: Fetch, afterMs: number): void {
    fetch.timer = this.#clock.setTimer(afterMs, () => {
      fetch.timer = undefined
      const leftMs = fetch.decidedMs + this.#timeoutMs(fetch) - this.#clock.nowMs()
      if (leftMs > 1) return this.#watch(fetch, leftMs)
      this.#fetches.cancel(fetch)
      this.#fail(fetch, 'timeout')
    })
  }

  #timeoutMs(fetch: Fetch): number {
    return fetchTimeoutMs(fetch, this.#options.settings, this.#meanDurationMs)
  }

  #succeed(fetch: Fetch, body: ChunkBody, arrivedMs: number): void {
    const { have, stats } = this.#host
    const { known } = fetch.neighbour
    const durationMs = this.#fetches.credit(fetch, body.bytes, arrivedMs)
    this.#meanDurationMs = ewma(this.#meanDurationMs, durationMs)
    stats.downloadedBytes += body.bytes
    if (!known.isOrigin) this.#lastPeerChunkMs = arrivedMs
    if (known.isOrigin) stats.fromOriginBytes += body.bytes
    else if (fetch.fromSeed) stats.fromSeedBytes += body.bytes
    else stats.fromPeerBytes += body.bytes
    have.add(fetch.chunk)
    this.#end(fetch, 'ok', body.bytes)
    for (const copy of this.#fetches.all.slice()) {
      if (copy.chunk !== fetch.chunk) continue
      this.#fetches.cancel(copy)
      this.#end(copy, fetch.reason === 'origin' ? 'rescued' : 'cancelled', 0)
    }
    this.#host.kept(fetch.chunk)
    this.pump()
  }

  #corrupt(fetch: Fetch, body: ChunkBody): void {
    this.#waste(body)
    const { known } = fetch.neighbour
    known.corruptCount++
    this.#fail(fetch, 'corrupt')
    if (known.corruptCount >= this.#options.settings.corruptLimit) this.#host.ban(fetch.neighbour)
  }

  #waste(body: ChunkBody): void {
    this.#host.stats.wastedBytes += body.bytes
  }

  #fail(fetch: Fetch, result: Exclude<FetchResult, 'ok'>): void {
    const { seedBackoffMs } = this.#options.settings
    this.#fetches.blame(fetch, result, this.#clock.nowMs(), seedBackoffMs)
    this.#end(fetch, result, 0)
    this.pump()
  }

  #end(fetch: Fetch, result: FetchResult, bytes: number): void {
    this.#clearTimer(fetch)
    this.#fetches.remove(fetch)
    if (!this.#fetches.fetches(fetch.chunk)) this.#picker.ended(fetch.chunk)
    this.#host.ended(fetch, result, bytes)
  }

  #clearTimer(fetch: Fetch): void {
    if (fetch.timer !== undefined) this.#clock.clearTimer(fetch.timer)
    fetch.timer = undefined
  }

  /** Wakes up when a seed's back-off ends, a fetch gets slow enough to be doubled, or the origin may be asked. */
  #planWake(nowMs: number): void {
    const { originAfterMs } = this.#options.settings
    const doubleAfterMs = this.#picker.allRequested ? this.#meanDurationMs : Infinity
    let atMs = this.demand
      ? demandWakeMs(this.demand, this.#picker, nowMs)
      : endgameWakeMs(this.#lastPeerChunkMs + originAfterMs, doubleAfterMs, this.#fetches.all, nowMs)
    if (atMs === Infinity) return
    for (const row of this.#neighbours.rows) {
      const backoffUntilMs = this.#neighbours.backoffUntilMs(row)
      if (backoffUntilMs > nowMs) atMs = Math.min(atMs, backoffUntilMs)
    }
    this.#wake.plan(atMs, nowMs)
  }
}
