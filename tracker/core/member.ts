import type { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { Address, PeerId } from '../../peer/protocol/ids.ts'
import type { Announce, FetchReport } from '../../peer/protocol/messages.ts'
import { MemberTable, TIME, VALUE } from './member-table.ts'
import { NEWCOMER_TRUST, Opinions, type Reporter } from './opinions.ts'
import { power } from '../../peer/protocol/powers.ts'

/** An announce in whatever protocol it came. Figures that the protocol does not carry are NaN. */
export interface AnnounceRequest extends Omit<Announce, 'type'> {
  /** Address family that the peer is reached over, where it is one: 4 or 6. */
  readonly family?: number
  /** The address as a number, where an adapter has a use for one. */
  readonly endpoint?: number
  /** What only this peer knows, so that it is known again when its address changes; 0 or left out where there is nothing. */
  readonly key?: number
  /** Where it came from, where `address` does not say it. */
  readonly from?: Address
  /** Whether who announces may speak for this peer wherever that is. */
  readonly isTrusted?: boolean
}

/** After so long a member's mean rates have forgotten half of what they were. */
const RATE_HALF_LIFE_MS = 120_000
/** Weight of the newest gap between announces. */
const JITTER_WEIGHT = 0.3
/** A gap is counted as no more than so many intervals off. */
const MOST_JITTER = 10
/** Over less time rates say little of what a line can do. */
const PEAK_MS = 2_000

/** A peer of a swarm as the tracker knows it. Unknown figures are NaN. */
export class Member {
  readonly peerId: PeerId
  address: Address
  isOrigin: boolean
  chunks: ChunkSet
  /** For an adapter: what it keeps of the address; forgotten when that changes. */
  context: unknown = undefined
  /** Of its last announce that had one; 0 where it has none. */
  key: number
  /** Where it announces from, where its address does not say it. */
  from: Address | undefined
  /** Empty, or what tells it from who was known by its peer id before and is somewhere else. */
  readonly slot: string
  /** Where it is counted for the caps of an address; stays though it moves. */
  network: string | undefined = undefined
  /** Position in the swarm's list, and row in its table. */
  position: number
  readonly #table: MemberTable
  /** What others report of it; few members are reported on at all. */
  #opinions: Opinions | undefined = undefined

  /** `table`: where its figures go, in a row of their own at `position`. */
  constructor(announce: AnnounceRequest, nowMs: number, table: MemberTable = new MemberTable(1), slot = '') {
    this.peerId = announce.peerId
    this.slot = slot
    this.key = announce.key ?? 0
    this.from = announce.from
    this.address = announce.address
    this.isOrigin = announce.isOrigin
    this.chunks = announce.chunks
    this.#table = table
    this.position = table.add(announce.peerId, announce.region)
    table.times[this.#at(TIME.joinedMs)] = nowMs
    table.times[this.#at(TIME.reportedMs)] = -Infinity
    this.#take(announce, nowMs)
  }

  /**
   * Takes a later announce; `intervalMs`: when it was asked for; `creditBps`: most that is believed of its uploads. Returns
   * the bytes that it has got since the last one.
   */
  update(announce: AnnounceRequest, nowMs: number, intervalMs: number, creditBps: number): number {
    const gotBytes = Math.max(0, announce.downloadedBytes - this.#table.times[this.#at(TIME.downloadedBytes)])
    const elapsedMs = nowMs - this.announcedMs
    if (elapsedMs > 0) this.#average(announce, elapsedMs, intervalMs, creditBps)
    if (announce.address !== this.address) {
      this.address = announce.address
      this.context = undefined
    }
    this.from = announce.from
    if (announce.key) this.key = announce.key
    this.#table.regions[this.position] = announce.region
    this.isOrigin = announce.isOrigin
    this.chunks = announce.chunks
    this.#take(announce, nowMs)
    return gotBytes
  }

  get region(): string {
    return this.#table.regions[this.position]
  }

  get joinedMs(): number {
    return this.#table.times[this.#at(TIME.joinedMs)]
  }

  get announcedMs(): number {
    return this.#table.times[this.#at(TIME.announcedMs)]
  }

  /** When this member's last reports on others were heard. */
  get reportedMs(): number {
    return this.#table.times[this.#at(TIME.reportedMs)]
  }

  set reportedMs(value: number) {
    this.#table.times[this.#at(TIME.reportedMs)] = value
  }

  /** As it said itself at its last announce. */
  get uploadedBytes(): number {
    return this.#table.times[this.#at(TIME.uploadedBytes)]
  }

  /** Address family that it is reached over; NaN where nobody said. */
  get family(): number {
    return this.#value(VALUE.family)
  }

  get uploadSlots(): number {
    return this.#value(VALUE.uploadSlots)
  }

  get active(): number {
    return this.#value(VALUE.active)
  }

  get queued(): number {
    return this.#value(VALUE.queued)
  }

  /** Share of the content that it held at its last announce. */
  get completeness(): number {
    return this.#table.times[this.#at(TIME.completeness)]
  }

  /** Between its last two announces. */
  get uploadBps(): number {
    return this.#value(VALUE.uploadBps)
  }

  /** Moving average. */
  get uploadMeanBps(): number {
    return this.#value(VALUE.uploadMeanBps)
  }

  get goodputBps(): number {
    return this.#value(VALUE.goodputBps)
  }

  get successShare(): number {
    return this.#value(VALUE.successShare)
  }

  /** How far its reports on others are believed, above 0 and at most 1. */
  get trust(): number {
    const trust = this.#value(VALUE.trust)
    return Number.isNaN(trust) ? NEWCOMER_TRUST : trust
  }

  set trust(value: number) {
    this.#table.values[this.#table.valuesAt(this.position) + VALUE.trust] = value
  }

  /** Takes a fetch report into the moving averages, whoever says it. Cancelled and rescued fetches say nothing of the seed's goodput. */
  hearReport(report: FetchReport, weight: number): void {
    if (report.result === 'cancelled') return
    const isOk = report.result === 'ok'
    const goodputBps = (1000 * report.bytes) / report.durationMs
    this.#reported(
      average(this.successShare, isOk ? 1 : 0, weight),
      isOk && report.durationMs > 0 ? average(this.goodputBps, goodputBps, weight) : this.goodputBps,
    )
  }

  /** Takes a fetch report of one reporter as far as it is believed; returns how far that is from now on. */
  hearOpinion(reporter: Reporter, trust: number, report: FetchReport, weight: number, nowMs: number): number {
    if (report.result === 'cancelled') return trust
    this.#opinions ??= new Opinions()
    const trustAfter = this.#opinions.hear(reporter, trust, report, weight, nowMs)
    this.#reported(this.#opinions.successShare, this.#opinions.goodputBps)
    return trustAfter
  }

  #reported(successShare: number, goodputBps: number): void {
    const { values } = this.#table
    const at = this.#table.valuesAt(this.position)
    values[at + VALUE.successShare] = successShare
    values[at + VALUE.goodputBps] = goodputBps
  }

  #at(time: number): number {
    return this.#table.timesAt(this.position) + time
  }

  #value(value: number): number {
    return this.#table.values[this.#table.valuesAt(this.position) + value]
  }

  /** What the announce says as it is. */
  #take(announce: AnnounceRequest, nowMs: number): void {
    const { values, times } = this.#table
    const at = this.#table.valuesAt(this.position)
    const { chunks } = announce
    values[at + VALUE.uploadSlots] = announce.uploadSlots
    values[at + VALUE.active] = announce.active
    values[at + VALUE.queued] = announce.queued
    times[this.#at(TIME.completeness)] = announce.completeness ?? chunks.count / chunks.size
    values[at + VALUE.family] = announce.family ?? NaN
    values[at + VALUE.isSeed] = chunks.isFull ? 1 : 0
    times[this.#at(TIME.announcedMs)] = nowMs
    times[this.#at(TIME.endpoint)] = announce.endpoint ?? NaN
    times[this.#at(TIME.uploadedBytes)] = announce.uploadedBytes
    times[this.#at(TIME.downloadedBytes)] = announce.downloadedBytes
  }

  /** What it says by how it differs from the last one. Counters that fall are those of a client that started anew. */
  #average(announce: AnnounceRequest, elapsedMs: number, intervalMs: number, creditBps: number): void {
    const { values, times } = this.#table
    const at = this.#table.valuesAt(this.position)
    const uploadedBytes = announce.uploadedBytes - times[this.#at(TIME.uploadedBytes)]
    const downloadedBytes = announce.downloadedBytes - times[this.#at(TIME.downloadedBytes)]
    const weight = 1 - power(2, -elapsedMs / RATE_HALF_LIFE_MS)
    values[at + VALUE.uploadBps] = (1000 * Math.max(0, uploadedBytes)) / elapsedMs
    if (uploadedBytes >= 0)
      values[at + VALUE.uploadMeanBps] = average(
        values[at + VALUE.uploadMeanBps],
        (1000 * uploadedBytes) / elapsedMs,
        weight,
      )
    const peakBps = Math.min(this.uploadBps, creditBps)
    if (uploadedBytes > 0 && elapsedMs >= PEAK_MS && !(values[at + VALUE.uploadPeakBps] >= peakBps))
      values[at + VALUE.uploadPeakBps] = peakBps
    if (downloadedBytes >= 0)
      values[at + VALUE.downloadMeanBps] = average(
        values[at + VALUE.downloadMeanBps],
        (1000 * downloadedBytes) / elapsedMs,
        weight,
      )
    if (announce.event === 'update') {
      const jitter = Math.min(Math.abs(elapsedMs / intervalMs - 1), MOST_JITTER)
      values[at + VALUE.announceJitter] = average(values[at + VALUE.announceJitter], jitter, JITTER_WEIGHT)
    }
  }
}

const average = (mean: number, sample: number, weight: number): number =>
  Number.isNaN(mean) ? sample : mean + weight * (sample - mean)
