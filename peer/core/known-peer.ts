import type { Address, PeerId } from '../protocol/ids.ts'
import type { Candidate, FetchReport } from '../protocol/messages.ts'
import { COUNT, FIGURE, KnownPage } from './known-page.ts'
import type { Neighbour } from './neighbour.ts'

/** Weight of the newest fetch in the moving averages over own fetches. */
const EWMA_WEIGHT = 0.3
/** Weight of what others say of their fetches. */
const GOSSIP_WEIGHT = 0.1
const MAX_BACKOFF_DOUBLINGS = 4
const MAX_TIMEOUT_DOUBLINGS = 2
/** A peer that the tracker names is thought alive: it keeps no more failed dials than these. */
const DIAL_FAILURES_FORGIVEN = 2

// The marks of a known peer: 4 flags, and the count of failed dials above them. Dialling looks at them and seldom at the record.
const ORIGIN = 1
const BANNED = 2
const FORGOTTEN = 4
const DIALLED = 8
const FLAGS = 15
const DIAL_FAILURES_SHIFT = 4

/** Who ordered the candidates of one of the tracker's answers: an object of its own for each answer. */
export interface Listing {
  readonly policy: string
  readonly policyVersion: string
}

const UNLISTED: Listing = { policy: '', policyVersion: '' }

/** What a peer knows of another one: what the tracker said, and its own experience. Unknown figures are NaN. */
export class KnownPeer {
  readonly peerId: PeerId
  address: Address
  neighbour: Neighbour | undefined = undefined
  #marks: number
  readonly #figures: Float64Array
  readonly #at: number
  readonly #counts: Float32Array
  region: string
  /** The tracker's last answer that named this peer. */
  listing = UNLISTED

  /** Keeps what it counts and measures in a record of `page`. */
  constructor(peerId: PeerId, address: Address, region: string, isOrigin: boolean, page = new KnownPage(1)) {
    this.peerId = peerId
    this.address = address
    this.region = region
    this.#marks = isOrigin ? ORIGIN : 0
    this.#figures = page.figures
    this.#counts = page.counts
    this.#at = page.take()
  }

  get isOrigin(): boolean {
    return (this.#marks & ORIGIN) !== 0
  }

  get banned(): boolean {
    return (this.#marks & BANNED) !== 0
  }

  set banned(value: boolean) {
    this.#marks = flagged(this.#marks, BANNED, value)
  }

  /** The book of known peers has it no more. */
  get isForgotten(): boolean {
    return (this.#marks & FORGOTTEN) !== 0
  }

  set isForgotten(value: boolean) {
    this.#marks = flagged(this.#marks, FORGOTTEN, value)
  }

  /** A link to it is being set up. */
  get isDialled(): boolean {
    return (this.#marks & DIALLED) !== 0
  }

  set isDialled(value: boolean) {
    this.#marks = flagged(this.#marks, DIALLED, value)
  }

  /** Dials in a row that did not lead to a link with a handshake. */
  get dialFailures(): number {
    return this.#marks >> DIAL_FAILURES_SHIFT
  }

  set dialFailures(value: number) {
    this.#marks = (this.#marks & FLAGS) | (value << DIAL_FAILURES_SHIFT)
  }

  /** Before when this peer is not dialled again. */
  get nextDialMs(): number {
    return this.#figures[this.#at + FIGURE.nextDialMs]
  }

  set nextDialMs(value: number) {
    this.#figures[this.#at + FIGURE.nextDialMs] = value
  }

  /** Time that the last link to this peer took to set up, where this side dialled. */
  get connectMs(): number {
    return this.#figures[this.#at + FIGURE.connectMs]
  }

  set connectMs(value: number) {
    this.#figures[this.#at + FIGURE.connectMs] = value
  }

  /** Place in the tracker's last list that named this peer; -1 where none did. */
  get trackerRank(): number {
    return this.#counts[2 * this.#at + COUNT.trackerRank]
  }

  get uploadSlots(): number {
    return this.#counts[2 * this.#at + COUNT.uploadSlots]
  }

  set uploadSlots(value: number) {
    this.#counts[2 * this.#at + COUNT.uploadSlots] = value
  }

  get joinedMs(): number {
    return this.#figures[this.#at + FIGURE.joinedMs]
  }

  get completeness(): number {
    return this.#counts[2 * this.#at + COUNT.completeness]
  }

  get reportedGoodputBps(): number {
    return this.#figures[this.#at + FIGURE.reportedGoodputBps]
  }

  get reportedSuccess(): number {
    return this.#figures[this.#at + FIGURE.reportedSuccess]
  }

  get uploadBps(): number {
    return this.#counts[2 * this.#at + COUNT.uploadBps]
  }

  get active(): number {
    return this.#counts[2 * this.#at + COUNT.active]
  }

  get queued(): number {
    return this.#counts[2 * this.#at + COUNT.queued]
  }

  get loadAtMs(): number {
    return this.#figures[this.#at + FIGURE.loadAtMs]
  }

  get okCount(): number {
    return this.#counts[2 * this.#at + COUNT.okCount]
  }

  get failedCount(): number {
    return this.#counts[2 * this.#at + COUNT.failedCount]
  }

  get busyCount(): number {
    return this.#counts[2 * this.#at + COUNT.busyCount]
  }

  get corruptCount(): number {
    return this.#counts[2 * this.#at + COUNT.corruptCount]
  }

  set corruptCount(value: number) {
    this.#counts[2 * this.#at + COUNT.corruptCount] = value
  }

  get goodputBps(): number {
    return this.#figures[this.#at + FIGURE.goodputBps]
  }

  get ttfbMs(): number {
    return this.#figures[this.#at + FIGURE.ttfbMs]
  }

  /** Until when no request goes to this peer. */
  get backoffUntilMs(): number {
    return this.#figures[this.#at + FIGURE.backoffUntilMs]
  }

  /** Requests since the last chunk that came to nothing before their time-out. */
  get timeoutsInRow(): number {
    return this.#counts[2 * this.#at + COUNT.timeoutsInRow]
  }

  /** When a request to this peer went unanswered last, those not counted that were under way then. */
  get silentMs(): number {
    return this.#figures[this.#at + FIGURE.silentMs]
  }

  /** Takes over what the tracker says; a fresher load heard on the link stays. */
  learn(candidate: Candidate, rank: number, listing: Listing, nowMs: number): void {
    const figures = this.#figures
    const counts = this.#counts
    const at = this.#at
    const countsAt = 2 * at
    this.address = candidate.address
    this.listing = listing
    counts[countsAt + COUNT.trackerRank] = rank
    this.dialFailures = Math.min(this.dialFailures, DIAL_FAILURES_FORGIVEN)
    // A tracker that tells addresses only does not know better than the peer itself and others.
    if (Number.isNaN(candidate.sessionAgeMs)) return
    this.region = candidate.region
    figures[at + FIGURE.joinedMs] = nowMs - candidate.sessionAgeMs
    figures[at + FIGURE.reportedGoodputBps] = candidate.goodputBps
    figures[at + FIGURE.reportedSuccess] = candidate.successShare
    counts[countsAt + COUNT.uploadSlots] = candidate.uploadSlots
    counts[countsAt + COUNT.completeness] = candidate.completeness
    counts[countsAt + COUNT.uploadBps] = candidate.uploadBps
    const loadAtMs = nowMs - candidate.loadAgeMs
    if (!Number.isNaN(loadAtMs) && !(this.loadAtMs > loadAtMs))
      this.hearLoad(candidate.active, candidate.queued, loadAtMs)
  }

  /** Another peer's fetch from this one has ended. What somebody cancelled says nothing of whom it had asked. */
  hearReport({ result, bytes, durationMs }: FetchReport): void {
    if (result === 'cancelled' || result === 'rescued') return
    const isOk = result === 'ok'
    const figures = this.#figures
    const successAt = this.#at + FIGURE.reportedSuccess
    figures[successAt] = average(figures[successAt], isOk ? 1 : 0, GOSSIP_WEIGHT)
    if (!(isOk && durationMs > 0)) return
    const goodputAt = this.#at + FIGURE.reportedGoodputBps
    figures[goodputAt] = average(figures[goodputAt], (1000 * bytes) / durationMs, GOSSIP_WEIGHT)
  }

  hearLoad(active: number, queued: number, atMs: number): void {
    this.#counts[2 * this.#at + COUNT.active] = active
    this.#counts[2 * this.#at + COUNT.queued] = queued
    this.#figures[this.#at + FIGURE.loadAtMs] = atMs
  }

  succeeded(bytes: number, ttfbMs: number, durationMs: number): void {
    const figures = this.#figures
    const counts = this.#counts
    const at = this.#at
    const countsAt = 2 * at
    counts[countsAt + COUNT.okCount]++
    counts[countsAt + COUNT.refusalsInRow] = 0
    counts[countsAt + COUNT.timeoutsInRow] = 0
    const goodputBps = (1000 * bytes) / Math.max(durationMs, 1)
    figures[at + FIGURE.goodputBps] = ewma(figures[at + FIGURE.goodputBps], goodputBps)
    figures[at + FIGURE.ttfbMs] = ewma(figures[at + FIGURE.ttfbMs], ttfbMs)
  }

  /**
   * A request has failed; `lostMs`: the time that it has cost where it was never answered, else 0. What takes requests and
   * never answers is left alone the longer the more it has cost. `isAnother`: it is not one of several that were under way
   * when the last one was given up, which say no more together than one.
   */
  failed(nowMs: number, backoffMs: number, lostMs = 0, isAnother = true): void {
    this.#counts[2 * this.#at + COUNT.failedCount]++
    if (!isAnother) return
    KnownPeer.#backOff(this, nowMs, backoffMs)
    if (lostMs === 0) return
    const figures = this.#figures
    const at = this.#at
    figures[at + FIGURE.silentMs] = nowMs
    const timeouts = this.#counts[2 * at + COUNT.timeoutsInRow]++
    const pauseMs = lostMs * (1 << Math.min(timeouts, MAX_TIMEOUT_DOUBLINGS))
    figures[at + FIGURE.backoffUntilMs] = Math.max(figures[at + FIGURE.backoffUntilMs], nowMs + pauseMs)
  }

  refused(nowMs: number, backoffMs: number): void {
    this.#counts[2 * this.#at + COUNT.busyCount]++
    KnownPeer.#backOff(this, nowMs, backoffMs)
  }

  // Static, because an object's own private methods cost it a place.
  static #backOff(known: KnownPeer, nowMs: number, backoffMs: number): void {
    const refusals = known.#counts[2 * known.#at + COUNT.refusalsInRow]++
    known.#figures[known.#at + FIGURE.backoffUntilMs] =
      nowMs + backoffMs * (1 << Math.min(refusals, MAX_BACKOFF_DOUBLINGS))
  }
}

/** Exponentially weighted moving average; starts with the first sample. */
export const ewma = (mean: number, sample: number): number => average(mean, sample, EWMA_WEIGHT)

const average = (mean: number, sample: number, weight: number): number =>
  Number.isNaN(mean) ? sample : mean + weight * (sample - mean)

const flagged = (marks: number, flag: number, value: boolean): number =>
  value ? marks | flag : marks & ~flag
