import type { FetchResult } from '../peer/protocol/messages.ts'
import type { PeerId } from '../peer/protocol/ids.ts'
import type { NodeRole } from './population.ts'
import type { WorkloadMeasures } from './workload.ts'

/** What became of one node. Times are simulated milliseconds, NaN for never; bytes are payload bytes. */
export interface NodeRecord {
  readonly label: string
  readonly peerId: PeerId
  readonly role: NodeRole
  readonly region: string
  readonly accessClass: string
  /** Nominal rates, bytes per second. */
  readonly upBps: number
  readonly downBps: number
  readonly arrivedMs: number
  readonly leftMs: number
  readonly chunks: number
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly wastedBytes: number
  readonly fromOriginBytes: number
  readonly fromSeedBytes: number
  readonly fromPeerBytes: number
  /** Announces sent, and tries that came to nothing. */
  readonly announces: number
  readonly failedAnnounces: number
  /** Links that the node has tried to open, and control messages that it has sent. */
  readonly dials: number
  readonly messages: number
}

export interface WorldResult {
  readonly seed: string
  readonly simulatedMs: number
  /** Events that the kernel has executed. */
  readonly events: number
  /** Peers that arrived, in order of arrival. */
  readonly peers: readonly NodeRecord[]
  /** Origins and initial seeds. */
  readonly sources: readonly NodeRecord[]
  readonly results: Readonly<Record<FetchResult, number>>
  /** Durations of the fetches that ended ok. */
  readonly okDurationsMs: Float64Array
  /** Attempts of peers to connect to peers, and those that came to a link. */
  readonly peerDials: { readonly attempts: number; readonly up: number }
  readonly controlMessages: number
  readonly controlBytes: number
  /** What the workload measured. */
  readonly measures: WorkloadMeasures
  readonly invariants: { readonly checks: readonly string[]; readonly violations: readonly string[] }
}
