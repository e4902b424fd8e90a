import { FEATURE_INDEX } from '../../peer/protocol/features.ts'
import type { PeerId } from '../../peer/protocol/ids.ts'

/** Places of a member's figures in its row of `values`. All begin as unknown. */
export const VALUE = {
  goodputBps: 0,
  successShare: 1,
  uploadBps: 2,
  uploadMeanBps: 3,
  downloadMeanBps: 4,
  announceJitter: 5,
  uploadSlots: 6,
  active: 7,
  queued: 8,
  isSeed: 9,
  family: 10,
  trust: 11,
  uploadPeakBps: 12,
} as const
const VALUES = 13

/** Places of what needs more digits, in its row of `times`. */
export const TIME = {
  joinedMs: 0,
  announcedMs: 1,
  reportedMs: 2,
  uploadedBytes: 3,
  downloadedBytes: 4,
  completeness: 5,
  endpoint: 6,
} as const
const TIMES = 7

const F = FEATURE_INDEX
const LEAST_ROWS = 4
const GROWTH = 1.5

/**
 * What ranking reads of a swarm's members, a row each. A tracker knows hundreds of thousands of them, and each number of an
 * object's own is an object; rows of one swarm lie side by side, so that ranking it reads little memory.
 */
export class MemberTable {
  readonly ids: PeerId[] = []
  readonly regions: string[] = []
  values: Float32Array
  times: Float64Array

  constructor(capacity = LEAST_ROWS) {
    this.values = new Float32Array(capacity * VALUES)
    this.times = new Float64Array(capacity * TIMES)
  }

  isSeed(row: number): boolean {
    return this.values[row * VALUES + VALUE.isSeed] === 1
  }

  /** Whether a member is known to be reached over an address family. */
  isOfFamily(row: number, family: number): boolean {
    return this.values[row * VALUES + VALUE.family] === family
  }

  endpoint(row: number): number {
    return this.times[row * TIMES + TIME.endpoint]
  }

  valuesAt(row: number): number {
    return row * VALUES
  }

  timesAt(row: number): number {
    return row * TIMES
  }

  /** A new row after the others. */
  add(peerId: PeerId, region: string): number {
    const row = this.ids.length
    if ((row + 1) * VALUES > this.values.length) this.#grow(Math.ceil((row + 1) * GROWTH))
    this.values.fill(NaN, row * VALUES, (row + 1) * VALUES)
    this.times.fill(NaN, row * TIMES, (row + 1) * TIMES)
    this.ids.push(peerId)
    this.regions.push(region)
    return row
  }

  /** Drops a row: the last one takes its place. */
  drop(row: number): void {
    const peerId = this.ids.pop()!
    const region = this.regions.pop()!
    const last = this.ids.length
    if (row === last) return
    this.ids[row] = peerId
    this.regions[row] = region
    this.values.copyWithin(row * VALUES, last * VALUES, (last + 1) * VALUES)
    this.times.copyWithin(row * TIMES, last * TIMES, (last + 1) * TIMES)
  }

  /**
   * Writes the features that are the member's own, whoever asks, into the row of `out` that begins at `at`; `creditBps`: most
   * that is believed of its uploads.
   */
  writeFeatures(row: number, out: Float32Array, at: number, nowMs: number, creditBps: number): void {
    const { values, times } = this
    const from = row * VALUES
    const fromTimes = row * TIMES
    const meanBps = values[from + VALUE.uploadMeanBps]
    out[at + F.reported_goodput_bps] = values[from + VALUE.goodputBps]
    out[at + F.reported_success] = values[from + VALUE.successShare]
    out[at + F.upload_bps] = believedBps(values[from + VALUE.uploadBps], meanBps, creditBps)
    out[at + F.active_uploads] = values[from + VALUE.active]
    out[at + F.queued_uploads] = values[from + VALUE.queued]
    out[at + F.upload_slots] = values[from + VALUE.uploadSlots]
    out[at + F.load_age_ms] = nowMs - times[fromTimes + TIME.announcedMs]
    out[at + F.completeness] = times[fromTimes + TIME.completeness]
    out[at + F.session_age_ms] = nowMs - times[fromTimes + TIME.joinedMs]
    out[at + F.upload_mean_bps] = believedBps(meanBps, meanBps, creditBps)
    out[at + F.upload_peak_bps] = believedBps(values[from + VALUE.uploadPeakBps], meanBps, creditBps)
    out[at + F.download_mean_bps] = values[from + VALUE.downloadMeanBps]
    out[at + F.announce_jitter] = values[from + VALUE.announceJitter]
    out[at + F.is_seed] = values[from + VALUE.isSeed]
  }

  #grow(capacity: number): void {
    const { values, times } = this
    this.values = new Float32Array(capacity * VALUES)
    this.values.set(values)
    this.times = new Float64Array(capacity * TIMES)
    this.times.set(times)
  }
}

/** A figure of a member's uploads as far as it is believed: of one whose mean can't be true, none says anything. */
export const believedBps = (bps: number, meanBps: number, creditBps: number): number =>
  meanBps > creditBps ? NaN : Math.min(bps, creditBps)
