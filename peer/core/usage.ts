import { LIMITS } from '../protocol/limits.ts'
import type { PeerSettings } from './options.ts'

/** How much of what is bounded a peer uses now. */
export interface MemberUsage {
  readonly neighbours: number
  /** Links whose handshake has not come. */
  readonly pendingLinks: number
  readonly knownPeers: number
  readonly fetches: number
  readonly uploads: number
  readonly queuedUploads: number
  /** Fetch reports that wait for the tracker. */
  readonly reports: number
}

/** The most that a member with these settings may use at any time; `origins` that it knows come on top of its neighbours. */
export function usageLimits(settings: PeerSettings, origins: number): MemberUsage {
  const { maxNeighbours, maxKnownCandidates, maxFetches, uploadSlots, uploadQueue } = settings
  return {
    neighbours: maxNeighbours + origins,
    pendingLinks: 2 * maxNeighbours + settings.targetNeighbours + origins,
    // Linked peers and origins are never forgotten, whether the book is full or not.
    knownPeers: Math.max(maxKnownCandidates, maxNeighbours) + origins + 1,
    fetches: maxFetches,
    uploads: uploadSlots,
    queuedUploads: uploadQueue,
    reports: LIMITS.reportsPerMessage,
  }
}
