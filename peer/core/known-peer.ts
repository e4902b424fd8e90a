import type { Address, PeerId } from '../protocol/ids.ts'
import type { Candidate, FetchReport } from '../protocol/messages.ts'
import type { Neighbour } from './neighbour.ts'

/** Weight of the newest fetch in the moving averages over own fetches. */
const EWMA_WEIGHT = 0.3
/** Weight of what others say of their fetches. */
const GOSSIP_WEIGHT = 0.1
const MAX_BACKOFF_DOUBLINGS = 4
const MAX_TIMEOUT_DOUBLINGS = 2
/** A peer that the tracker names is thought alive: it keeps no more failed dials than these. */
const DIAL_FAILURES_FORGIVEN = 2

/** Fractional figures of a known peer; the first of them begin as unknown, the others as 0. */
export const KNOWN_FIGURES = 14
const UNKNOWN_FIGURES = 11

/**
 * What a peer knows of another one: what the tracker said, and its own experience. Unknown figures are NaN. Fractional figures
 * are in an array that several share: a large swarm knows millions of peers, and each number of an object's own is an object.
 */
export class KnownPeer {
  readonly peerId: PeerId
  address: Address
  region: string
  isOrigin: boolean
  uploadSlots = 0
  trackerPolicy = ''
  trackerPolicyVersion = ''
  /** Place in the tracker's last list that named this peer; -1 where none did. */
  trackerRank = -1

  okCount = 0
  failedCount = 0
  busyCount = 0
  corruptCount = 0
  banned = false
  /** The book of known peers has it no more. */
  isForgotten = false
  #refusalsInRow = 0
  /** Requests since the last chunk that came to nothing before their time-out. */
  timeoutsInRow = 0
  /** Dials in a row that did not lead to a link with a handshake. */
  dialFailures = 0
  /** A link to it is being set up. */
  isDialled = false
  neighbour: Neighbour | undefined = undefined

  readonly #values: Float64Array
  readonly #at: number

  /** Keeps its figures in `values` from `at` on, where `KNOWN_FIGURES` places are its own. */
  constructor(
    peerId: PeerId,
    address: Address,
    region: string,
    isOrigin: boolean,
    values = new Float64Array(KNOWN_FIGURES),
    at = 0,
  ) {
    this.peerId = peerId
    this.address = address
    this.region = region
    this.isOrigin = isOrigin
    this.#values = values
    this.#at = at
    values.fill(NaN, at, at + UNKNOWN_FIGURES)
    this.backoffUntilMs = this.nextDialMs = this.silentMs = -Infinity
  }

  get joinedMs(): number {
    return this.#values[this.#at]
  }

  set joinedMs(value: number) {
    this.#values[this.#at] = value
  }

  get completeness(): number {
    return this.#values[this.#at + 1]
  }

  set completeness(value: number) {
    this.#values[this.#at + 1] = value
  }

  get reportedGoodputBps(): number {
    return this.#values[this.#at + 2]
  }

  set reportedGoodputBps(value: number) {
    this.#values[this.#at + 2] = value
  }

  get reportedSuccess(): number {
    return this.#values[this.#at + 3]
  }

  set reportedSuccess(value: number) {
    this.#values[this.#at + 3] = value
  }

  get uploadBps(): number {
    return this.#values[this.#at + 4]
  }

  set uploadBps(value: number) {
    this.#values[this.#at + 4] = value
  }

  get active(): number {
    return this.#values[this.#at + 5]
  }

  set active(value: number) {
    this.#values[this.#at + 5] = value
  }

  get queued(): number {
    return this.#values[this.#at + 6]
  }

  set queued(value: number) {
    this.#values[this.#at + 6] = value
  }

  get loadAtMs(): number {
    return this.#values[this.#at + 7]
  }

  set loadAtMs(value: number) {
    this.#values[this.#at + 7] = value
  }

  get goodputBps(): number {
    return this.#values[this.#at + 8]
  }

  set goodputBps(value: number) {
    this.#values[this.#at + 8] = value
  }

  get ttfbMs(): number {
    return this.#values[this.#at + 9]
  }

  set ttfbMs(value: number) {
    this.#values[this.#at + 9] = value
  }

  /** Time that the last link to this peer took to set up, where this side dialled. */
  get connectMs(): number {
    return this.#values[this.#at + 10]
  }

  set connectMs(value: number) {
    this.#values[this.#at + 10] = value
  }

  /** Until when no request goes to this peer. */
  get backoffUntilMs(): number {
    return this.#values[this.#at + 11]
  }

  set backoffUntilMs(value: number) {
    this.#values[this.#at + 11] = value
  }

  /** Before when this peer is not dialled again. */
  get nextDialMs(): number {
    return this.#values[this.#at + 12]
  }

  set nextDialMs(value: number) {
    this.#values[this.#at + 12] = value
  }

  /** When a request to this peer went unanswered last, those not counted that were under way then. */
  get silentMs(): number {
    return this.#values[this.#at + 13]
  }

  set silentMs(value: number) {
    this.#values[this.#at + 13] = value
  }

  /** Takes over what the tracker says; a fresher load heard on the link stays. */
  learn(candidate: Candidate, rank: number, policy: string, policyVersion: string, nowMs: number): void {
    this.address = candidate.address
    this.trackerRank = rank
    this.trackerPolicy = policy
    this.trackerPolicyVersion = policyVersion
    this.dialFailures = Math.min(this.dialFailures, DIAL_FAILURES_FORGIVEN)
    // A tracker that tells addresses only does not know better than the peer itself and others.
    if (Number.isNaN(candidate.sessionAgeMs)) return
    this.region = candidate.region
    this.uploadSlots = candidate.uploadSlots
    this.joinedMs = nowMs - candidate.sessionAgeMs
    this.completeness = candidate.completeness
    this.reportedGoodputBps = candidate.goodputBps
    this.reportedSuccess = candidate.successShare
    this.uploadBps = candidate.uploadBps
    const loadAtMs = nowMs - candidate.loadAgeMs
    if (!Number.isNaN(loadAtMs) && !(this.loadAtMs > loadAtMs))
      this.hearLoad(candidate.active, candidate.queued, loadAtMs)
  }

  /** Another peer's fetch from this one has ended. What somebody cancelled says nothing of whom it had asked. */
  hearReport({ result, bytes, durationMs }: FetchReport): void {
    if (result === 'cancelled' || result === 'rescued') return
    const isOk = result === 'ok'
    this.reportedSuccess = average(this.reportedSuccess, isOk ? 1 : 0, GOSSIP_WEIGHT)
    if (isOk && durationMs > 0)
      this.reportedGoodputBps = average(this.reportedGoodputBps, (1000 * bytes) / durationMs, GOSSIP_WEIGHT)
  }

  hearLoad(active: number, queued: number, atMs: number): void {
    this.active = active
    this.queued = queued
    this.loadAtMs = atMs
  }

  succeeded(bytes: number, ttfbMs: number, durationMs: number): void {
    this.okCount++
    this.#refusalsInRow = 0
    this.timeoutsInRow = 0
    this.goodputBps = ewma(this.goodputBps, (1000 * bytes) / Math.max(durationMs, 1))
    this.ttfbMs = ewma(this.ttfbMs, ttfbMs)
  }

  /**
   * A request has failed; `lostMs`: the time that it has cost where it was never answered, else 0. What takes requests and
   * never answers is left alone the longer the more it has cost. `isAnother`: it is not one of several that were under way
   * when the last one was given up, which say no more together than one.
   */
  failed(nowMs: number, backoffMs: number, lostMs = 0, isAnother = true): void {
    this.failedCount++
    if (!isAnother) return
    this.#backOff(nowMs, backoffMs)
    if (lostMs === 0) return
    this.silentMs = nowMs
    const pauseMs = lostMs * (1 << Math.min(this.timeoutsInRow++, MAX_TIMEOUT_DOUBLINGS))
    this.backoffUntilMs = Math.max(this.backoffUntilMs, nowMs + pauseMs)
  }

  refused(nowMs: number, backoffMs: number): void {
    this.busyCount++
    this.#backOff(nowMs, backoffMs)
  }

  #backOff(nowMs: number, backoffMs: number): void {
    this.backoffUntilMs = nowMs + backoffMs * (1 << Math.min(this.#refusalsInRow, MAX_BACKOFF_DOUBLINGS))
    this.#refusalsInRow++
  }
}

/** Exponentially weighted moving average; starts with the first sample. */
export const ewma = (mean: number, sample: number): number => average(mean, sample, EWMA_WEIGHT)

const average = (mean: number, sample: number, weight: number): number =>
  Number.isNaN(mean) ? sample : mean + weight * (sample - mean)
