import type { PeerSettings } from '../../peer/core/options.ts'
import { Peer } from '../../peer/core/peer.ts'
import type { ChunkStore } from '../../peer/ports/chunk-store.ts'
import type { Random } from '../../peer/ports/random.ts'
import type { NodePlan } from '../population.ts'
import { PollutingStore, SimChunkStore } from '../sim-chunk-store.ts'
import type { SimContent } from '../sim-content.ts'
import type { SimHost } from '../sim-host.ts'
import { type NodeAccount, SimNode } from '../sim-node.ts'
import type { WorldContext } from '../world-context.ts'

/** A peer, seed or origin of one content: one core a session. */
export class DownloadNode extends SimNode {
  /** Number of the content. */
  readonly content: number
  peer: Peer
  store: SimChunkStore
  completedMs = NaN
  readonly #content: SimContent
  readonly #onEnd: (node: DownloadNode) => void
  /** Cores of sessions that have ended. */
  readonly #past: Peer[] = []

  /** `onEnd`: the node has the whole content, for the first time, or has given up. */
  constructor(
    plan: NodePlan,
    number: number,
    content: SimContent,
    context: WorldContext,
    onEnd: (node: DownloadNode) => void,
    sharing?: SimHost,
  ) {
    super(plan, context, sharing)
    this.content = number
    this.#content = content
    this.#onEnd = onEnd
    this.store = this.#createStore()
    this.peer = this.#createPeer(context.random.fork('peer', plan.label))
  }

  accounts(): NodeAccount[] {
    const { peer, store } = this
    const past = this.#past.map(({ stats }) => ({ stats, claimedChunks: 0, keptChunks: 0 }))
    return [
      ...past,
      {
        stats: peer.stats,
        claimedChunks: peer.have.count,
        keptChunks: store.kept.count,
        usage: peer.usage,
        settings: this.#settings(),
      },
    ]
  }

  protected begin(): void {
    this.peer.start()
  }

  protected leave(): void {
    this.peer.leave()
  }

  protected crash(): void {
    this.peer.crash()
  }

  protected override restart(keepsCache: boolean): boolean {
    this.#past.push(this.peer)
    this.store = keepsCache ? this.store.reopened() : this.#createStore()
    this.peer = this.#createPeer(this.context.random.fork('peer', this.label, this.#past.length))
    this.peer.start()
    return true
  }

  #createStore(): SimChunkStore {
    return new SimChunkStore(this.#content, this.role !== 'peer', this.label, this.context.audit)
  }

  #createPeer(random: Random): Peer {
    const { recorder, createRanker, oracle, fabric, trackers } = this.context
    const { plan, label, role } = this
    const { clock, network } = this.ports
    return new Peer(
      {
        clock,
        random,
        network,
        store: this.#pollute(this.store),
        ranker: createRanker('peer', label, this.context.random.fork('ranker', label), oracle),
        recorder,
      },
      {
        peerId: this.peerId,
        address: plan.host.address,
        region: plan.host.region,
        isOrigin: role === 'origin',
        manifest: this.#content.manifest,
        trackers,
        settings: this.#settings(),
        onComplete: () => {
          if (!Number.isNaN(this.completedMs)) return
          this.completedMs = fabric.kernel.nowMs
          this.#onEnd(this)
        },
        onFail: (reason) => {
          this.tell('act', { does: 'give up', reason })
          this.#onEnd(this)
        },
        onFetchEnd: (result, durationMs, fetch) => this.fetchEnded(result, durationMs, fetch),
      },
    )
  }

  #pollute(store: SimChunkStore): ChunkStore {
    const { corruptShare } = this.faults
    if (corruptShare === 0) return store
    const random = this.context.random.fork('pollution', this.label)
    return new PollutingStore(store, this.#content, corruptShare, random)
  }

  #settings(): PeerSettings {
    const { peer, swarm } = this.context.config
    if (this.role === 'origin') return { ...peer, giveUpMs: 0, ...swarm.origin!.settings }
    return this.faults.isFreeRider ? { ...peer, maxUnchoked: 0 } : peer
  }
}
