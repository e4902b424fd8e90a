import type { RequestListener } from 'node:http'
import type { SharedLimits } from '../rate-limits.ts'
import { ApiRelay } from './api-relay.ts'
import { BitTorrentRelay, type BitTorrentDesk } from './bittorrent-relay.ts'
import { Calls } from './calls.ts'
import { Mesh } from './mesh.ts'
import { type NeighbourDesk, Neighbours } from './neighbours.ts'
import { type ClusterPlace, shareOfBound } from './place.ts'
import { SharedCensus } from './shared-census.ts'
import { shareCounts } from './shared-counts.ts'
import { WsRelay, type WsRelayParts } from './ws-relay.ts'

/** What this process answers the others. */
export interface ClusterDesk extends BitTorrentDesk, NeighbourDesk {}

/**
 * A process's part in a cluster: each swarm is held by one process, and whichever process a request comes to, it is answered by
 * the one that holds its swarm.
 */
export class Cluster {
  readonly place: ClusterPlace
  readonly mesh: Mesh
  readonly calls: Calls
  readonly limits: SharedLimits
  readonly census: SharedCensus
  readonly api: ApiRelay

  constructor(place: ClusterPlace) {
    this.place = place
    this.mesh = new Mesh(place)
    this.calls = new Calls(this.mesh)
    this.limits = { seed: place.secret.readInt32LE(), share: shareCounts(this.mesh, this.calls) }
    this.census = new SharedCensus(this.mesh, this.calls)
    this.api = new ApiRelay(this.mesh)
  }

  /** The equal share of this process in a bound of the whole. */
  shareOf(bound: number): number {
    return shareOfBound(bound, this.place)
  }

  bitTorrent(desk: BitTorrentDesk): BitTorrentRelay {
    return new BitTorrentRelay(this.mesh, desk)
  }

  ws(parts: Omit<WsRelayParts, 'mesh'>): WsRelay {
    return new WsRelay({ ...parts, mesh: this.mesh })
  }

  neighbours(desk: NeighbourDesk): Neighbours {
    return new Neighbours(this.mesh, this.calls, desk)
  }

  /** From now on the others reach this process. */
  open(listener: RequestListener): Promise<void> {
    return this.mesh.open(listener)
  }

  async close(): Promise<void> {
    this.api.close()
    await this.mesh.close()
  }
}
