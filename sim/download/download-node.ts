import type { PeerSettings } from '../../peer/core/options.ts'
import { Peer } from '../../peer/core/peer.ts'
import type { NodePlan } from '../population.ts'
import { PollutingStore, SimChunkStore } from '../sim-chunk-store.ts'
import type { SimContent } from '../sim-content.ts'
import type { SimHost } from '../sim-host.ts'
import { type NodeAccount, SimNode } from '../sim-node.ts'
import type { WorldContext } from '../world-context.ts'

/** A peer, seed or origin of one content: one core. */
export class DownloadNode extends SimNode {
  /** Number of the content. */
  readonly content: number
  readonly peer: Peer
  readonly store: SimChunkStore
  completedMs = NaN

  constructor(
    plan: NodePlan,
    number: number,
    content: SimContent,
    context: WorldContext,
    onComplete: (node: DownloadNode) => void,
    sharing?: SimHost,
  ) {
    super(plan, context, sharing)
    const { config, fabric, random, recorder, createRanker, oracle, audit } = context
    const { label, role, faults } = plan
    this.content = number
    this.store = new SimChunkStore(content, role !== 'peer', label, audit)
    const store =
      faults.corruptShare > 0
        ? new PollutingStore(this.store, content, faults.corruptShare, random.fork('pollution', label))
        : this.store
    this.peer = new Peer(
      {
        clock: this.clock,
        random: random.fork('peer', label),
        network: this.network,
        store,
        ranker: createRanker('peer', label, random.fork('ranker', label), oracle),
        recorder,
      },
      {
        peerId: this.peerId,
        address: plan.host.address,
        region: plan.host.region,
        isOrigin: role === 'origin',
        manifest: content.manifest,
        trackers: [context.trackerAddress],
        settings: settingsOf(plan, config),
        onComplete: () => {
          this.completedMs = fabric.kernel.nowMs
          onComplete(this)
        },
        onFail: (reason) => {
          this.tell('act', { does: 'give up', reason })
          context.departLater(this, 0)
        },
        onFetchEnd: (result, durationMs, fetch) => this.fetchEnded(result, durationMs, fetch),
      },
    )
  }

  accounts(): NodeAccount[] {
    const { peer, store } = this
    return [{ stats: peer.stats, claimedChunks: peer.have.count, keptChunks: store.kept.count }]
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
}

function settingsOf({ role, faults }: NodePlan, { peer, swarm }: WorldContext['config']): PeerSettings {
  if (role === 'origin') return { ...peer, ...swarm.origin!.settings }
  return faults.isFreeRider ? { ...peer, maxUnchoked: 0 } : peer
}
