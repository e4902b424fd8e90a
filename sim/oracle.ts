import type { PeerId } from '../peer/protocol/ids.ts'
import type { DecisionPlace } from '../peer/ports/ranker.ts'
import type { NetworkFabric } from './fabric.ts'
import type { SimHost } from './sim-host.ts'
import { INITIAL_WINDOW_BYTES, slowStartDelayMs } from './tcp.ts'

/** What no peer can know: every host's true capacity and load at this moment. */
export class Oracle {
  readonly #fabric: NetworkFabric
  readonly #chunkBytes: number
  readonly #hosts = new Map<PeerId, SimHost>()

  constructor(fabric: NetworkFabric, chunkBytes: number) {
    this.#fabric = fabric
    this.#chunkBytes = chunkBytes
  }

  /** Says on which host a peer lives. */
  place(peerId: PeerId, host: SimHost): void {
    this.#hosts.set(peerId, host)
  }

  /** Where a peer lives; undefined for one that has never been there. */
  hostOf(peerId: PeerId): SimHost | undefined {
    return this.#hosts.get(peerId)
  }

  /**
   * Goodput in bytes per second that a fetch of one chunk can expect now: the seed's up rate shared with what it sends and
   * has been asked for, the requester's down rate shared with what it receives, the bottlenecks between them, and the path's
   * round trips. For the tracker, links take the place of transfers: it chooses neighbours, not fetches. 0 for a peer that
   * is not there or cannot be reached.
   */
  expectedGoodputBps(requesterId: PeerId, seedId: PeerId, place: DecisionPlace): number {
    const requester = this.#hosts.get(requesterId)
    const seed = this.#hosts.get(seedId)
    if (!requester || !seed || this.#fabric.find(seed.address)?.presence !== 'listening') return 0
    const { flows } = this.#fabric
    const claims = place === 'tracker' ? seed.openLinks : seed.uploads + seed.pendingRequests
    const upBps = flows.capacity(seed.upLink) / (claims + 1)
    const downBps = flows.capacity(requester.downLink) / (requester.downloads + 1)
    const route = this.#fabric.reachability.between(requester, seed)
    if (route === 'none') return 0
    const isRelayed = route === 'relayed'
    const rateBps = Math.max(Math.min(upBps, downBps, this.#sharedBps(seed, requester, isRelayed)), 1e-9)
    const rttMs = 2 * this.#fabric.oneWayMs(requester, seed, isRelayed)
    const coldMs = slowStartDelayMs(this.#chunkBytes, INITIAL_WINDOW_BYTES, rttMs, rateBps)
    return this.#chunkBytes / ((rttMs + coldMs) / 1000 + this.#chunkBytes / rateBps)
  }
  /** What one transfer more would get of the narrowest bottleneck between two hosts; Infinity where there is none. */
  #sharedBps(from: SimHost, to: SimHost, isRelayed: boolean): number {
    const { flows, bottlenecks, relay } = this.#fabric
    const path = bottlenecks.path(from, to, isRelayed ? relay?.upLink : undefined) ?? []
    return path
      .slice(1, -1)
      .reduce((least, link) => Math.min(least, flows.capacity(link) / (flows.flowsOn(link) + 1)), Infinity)
  }
}
