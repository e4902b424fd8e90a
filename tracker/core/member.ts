import type { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { Address, PeerId } from '../../peer/protocol/ids.ts'
import type { Announce, FetchReport } from '../../peer/protocol/messages.ts'

/** An announce in whatever protocol it came. Figures that the protocol does not carry are NaN. */
export interface AnnounceRequest extends Omit<Announce, 'type'> {
  /** Share of the content that the peer holds, where `chunks` does not say it. */
  readonly completeness?: number
}

/** A peer of a swarm as the tracker knows it. Unknown figures are NaN. */
export class Member {
  readonly peerId: PeerId
  readonly joinedMs: number
  address: Address
  region: string
  isOrigin: boolean
  uploadSlots = 0
  active = 0
  queued = 0
  chunks: ChunkSet
  /** Share of the content that it held at its last announce. */
  completeness = NaN
  announcedMs = NaN
  /** When this member's last reports on others were heard. */
  reportedMs = -Infinity
  uploadedBytes = 0
  uploadBps = NaN
  goodputBps = NaN
  successShare = NaN
  /** For an adapter: what it keeps of the address. */
  context: unknown = undefined
  /** Position in the swarm's list. */
  position = -1

  constructor(announce: AnnounceRequest, nowMs: number) {
    this.peerId = announce.peerId
    this.joinedMs = nowMs
    this.address = announce.address
    this.region = announce.region
    this.isOrigin = announce.isOrigin
    this.chunks = announce.chunks
    this.update(announce, nowMs)
  }

  update(announce: AnnounceRequest, nowMs: number): void {
    const elapsedMs = nowMs - this.announcedMs
    if (elapsedMs > 0) {
      const sentBytes = Math.max(0, announce.uploadedBytes - this.uploadedBytes)
      this.uploadBps = (1000 * sentBytes) / elapsedMs
    }
    this.uploadedBytes = announce.uploadedBytes
    this.announcedMs = nowMs
    this.address = announce.address
    this.region = announce.region
    this.isOrigin = announce.isOrigin
    this.uploadSlots = announce.uploadSlots
    this.active = announce.active
    this.queued = announce.queued
    this.chunks = announce.chunks
    this.completeness = announce.completeness ?? announce.chunks.count / announce.chunks.size
  }

  /** Takes a fetch report into the moving averages. Cancelled and rescued fetches say nothing of the seed's goodput. */
  hearReport(report: FetchReport, weight: number): void {
    if (report.result === 'cancelled') return
    const isOk = report.result === 'ok'
    this.successShare = average(this.successShare, isOk ? 1 : 0, weight)
    if (isOk && report.durationMs > 0)
      this.goodputBps = average(this.goodputBps, (1000 * report.bytes) / report.durationMs, weight)
  }
}

const average = (mean: number, sample: number, weight: number): number =>
  Number.isNaN(mean) ? sample : mean + weight * (sample - mean)
