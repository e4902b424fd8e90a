import type { FetchResult } from '../peer/protocol/messages.ts'
import type { PeerId } from '../peer/protocol/ids.ts'
import type { DistributionBound } from './distribution-bound.ts'
import type { NodeRole } from './population.ts'
import type { SimNode } from './sim-node.ts'

/** What became of one node. Times are simulated milliseconds, NaN for never; bytes are payload bytes. */
export interface NodeRecord {
  readonly label: string
  readonly peerId: PeerId
  readonly role: NodeRole
  readonly content: number
  readonly region: string
  readonly accessClass: string
  /** Nominal rates, bytes per second. */
  readonly upBps: number
  readonly downBps: number
  readonly arrivedMs: number
  readonly completedMs: number
  readonly leftMs: number
  readonly chunks: number
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly wastedBytes: number
  readonly fromOriginBytes: number
  readonly fromSeedBytes: number
  readonly fromPeerBytes: number
}

export interface WorldResult {
  readonly seed: string
  readonly simulatedMs: number
  /** Events that the kernel has executed. */
  readonly events: number
  readonly contentBytes: number
  /** Peers that arrived, in order of arrival. */
  readonly peers: readonly NodeRecord[]
  /** Origins and initial seeds. */
  readonly sources: readonly NodeRecord[]
  readonly results: Readonly<Record<FetchResult, number>>
  /** Durations of the fetches that ended ok. */
  readonly okDurationsMs: Float64Array
  readonly controlMessages: number
  readonly controlBytes: number
  /** Kumar-Ross bound on the last completion; over all contents together. */
  readonly bound: DistributionBound
  readonly invariants: { readonly checks: readonly string[]; readonly violations: readonly string[] }
}

export function recordOf(node: SimNode): NodeRecord {
  const { plan, peer, peerId } = node
  const { stats } = peer
  return {
    label: plan.label,
    peerId,
    role: plan.role,
    content: plan.content,
    region: plan.host.region,
    accessClass: plan.accessClass,
    upBps: plan.host.upBps,
    downBps: plan.host.downBps,
    arrivedMs: node.arrivedMs,
    completedMs: node.completedMs,
    leftMs: node.leftMs,
    chunks: peer.have.count,
    downloadedBytes: stats.downloadedBytes,
    uploadedBytes: stats.uploadedBytes,
    wastedBytes: stats.wastedBytes,
    fromOriginBytes: stats.fromOriginBytes,
    fromSeedBytes: stats.fromSeedBytes,
    fromPeerBytes: stats.fromPeerBytes,
  }
}
