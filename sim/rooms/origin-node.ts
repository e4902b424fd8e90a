import { ContentRouter } from '../../peer/core/content-router.ts'
import { Peer } from '../../peer/core/peer.ts'
import type { ContentId } from '../../peer/protocol/ids.ts'
import type { NodePlan } from '../population.ts'
import { SimChunkStore } from '../sim-chunk-store.ts'
import type { SimContent } from '../sim-content.ts'
import { type NodeAccount, SimNode } from '../sim-node.ts'
import type { WorldContext } from '../world-context.ts'

/** A server hangs up on nobody. */
const ROUTER_SETTINGS = {
  softLinks: 1_000_000,
  hardLinks: 1_000_000,
  idleLinkMs: 24 * 3600_000,
  handshakeTimeoutMs: 24 * 3600_000,
}

/** The server that has every content, and opens one when somebody asks for it. */
export class OriginNode extends SimNode {
  readonly #contents: ReadonlyMap<ContentId, SimContent>
  #router!: ContentRouter
  #peers: { readonly peer: Peer; readonly store: SimChunkStore }[] = []
  readonly #closed: NodeAccount[] = []

  constructor(plan: NodePlan, contents: ReadonlyMap<ContentId, SimContent>, context: WorldContext) {
    super(plan, context)
    this.#contents = contents
    this.#createRouter()
  }

  accounts(): NodeAccount[] {
    const open = this.#peers.map(({ peer, store }) => ({
      stats: peer.stats,
      claimedChunks: peer.have.count,
      keptChunks: store.kept.count,
    }))
    return [...this.#closed, ...open]
  }

  protected begin(): void {
    this.#router.start()
  }

  protected leave(): void {
    for (const { peer } of this.#peers) peer.leave()
    this.#router.stop()
  }

  protected crash(): void {
    for (const { peer } of this.#peers) peer.crash()
  }

  protected override restart(): boolean {
    for (const { peer } of this.#peers)
      this.#closed.push({ stats: peer.stats, claimedChunks: 0, keptChunks: 0 })
    this.#peers = []
    this.#createRouter()
    this.#router.start()
    return true
  }

  #createRouter(): void {
    const { clock, network } = this.ports
    this.#router = new ContentRouter(clock, network, {
      settings: ROUTER_SETTINGS,
      shared: this.context.trackers,
      spare: [],
      summon: (contentId) => this.#open(contentId),
    })
  }

  #open(contentId: ContentId): void {
    const content = this.#contents.get(contentId)
    if (!content) return
    const { random, recorder, createRanker, oracle, config, trackers, audit } = this.context
    const { label } = this
    const { host } = this.plan
    const opening = this.#closed.length + this.#peers.length
    const store = new SimChunkStore(content, true, label, audit)
    const peer = new Peer(
      {
        clock: this.ports.clock,
        random: random.fork('peer', label, opening),
        network: this.#router.open(contentId),
        store,
        ranker: createRanker('peer', label, random.fork('ranker', label, opening), oracle),
        recorder,
      },
      {
        peerId: this.peerId,
        address: host.address,
        region: host.region,
        isOrigin: true,
        manifest: content.manifest,
        trackers,
        settings: { ...config.peer, giveUpMs: 0, ...config.swarm.origin!.settings },
        onFetchEnd: (result, durationMs, fetch) => this.fetchEnded(result, durationMs, fetch),
      },
    )
    this.#peers.push({ peer, store })
    peer.start()
  }
}
