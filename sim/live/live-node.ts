import { LivePeer } from '../../peer/core/live-peer.ts'
import { LiveSource } from '../../peer/core/live-source.ts'
import type { LiveMember } from '../../peer/core/live-member.ts'
import type { LiveOptions, LivePorts } from '../../peer/core/live-options.ts'
import type { PeerSettings } from '../../peer/core/options.ts'
import { chunkIntervalMs } from '../../peer/protocol/stream.ts'
import type { ChunkBody } from '../../peer/ports/chunk-store.ts'
import type { NodePlan } from '../population.ts'
import { type NodeAccount, SimNode } from '../sim-node.ts'
import type { WorldContext } from '../world-context.ts'
import type { LiveConfig } from './config.ts'
import { PollutingNetwork } from './polluting-network.ts'
import type { SimStream } from './sim-stream.ts'

/** What all members of one stream are told. */
export interface LiveContext {
  readonly world: WorldContext
  readonly stream: SimStream
  readonly config: LiveConfig
}

/** A member of the stream: a host with one core a session. */
abstract class LiveNode<M extends LiveMember> extends SimNode {
  /** The cores of this node, one a session; the last one lives. */
  protected readonly members: M[] = []
  protected readonly live: LiveContext

  constructor(plan: NodePlan, live: LiveContext) {
    super(plan, live.world)
    this.live = live
  }

  get member(): M {
    return this.members[this.members.length - 1]
  }

  accounts(): NodeAccount[] {
    const own = this.settings()
    // A stream has its own pause after a request that came to nothing.
    const settings = { ...own, seedBackoffMs: Math.min(own.seedBackoffMs, this.live.config.backoffMs) }
    return this.members.map((member) =>
      member === this.member
        ? {
            stats: member.stats,
            claimedChunks: member.heldCount,
            keptChunks: member.heldCount,
            usage: member.usage,
            settings,
          }
        : { stats: member.stats, claimedChunks: 0, keptChunks: 0 },
    )
  }

  /** A chunk that is due, or a viewer that starts anew, ends fetches under way. */
  override get lapsesPerS(): number {
    const { config, stream, world } = this.live
    const intervalMs = chunkIntervalMs(stream.manifest)
    const perResync = world.config.peer.maxFetches
    return 1000 / intervalMs + (1000 * perResync) / Math.max(config.resyncMs, intervalMs)
  }

  protected abstract settings(): PeerSettings

  protected abstract create(ports: LivePorts, options: LiveOptions): M

  protected begin(): void {
    this.members.push(this.create(this.#corePorts(), this.#options()))
    this.member.start()
  }

  protected leave(): void {
    this.member.leave()
  }

  protected crash(): void {
    this.member.crash()
  }

  /** Chunks of a live stream outlive no session. */
  protected override restart(): boolean {
    this.begin()
    return true
  }

  #corePorts(): LivePorts {
    const { random, recorder, createRanker, oracle } = this.live.world
    const { label, faults, live } = this
    const { clock, network } = this.ports
    const session = this.members.length
    return {
      clock,
      random: session === 0 ? random.fork('peer', label) : random.fork('peer', label, session),
      network:
        faults.corruptShare > 0
          ? new PollutingNetwork(network, live.stream, faults.corruptShare, random.fork('pollution', label))
          : network,
      verifier: live.stream,
      ranker: createRanker('peer', label, random.fork('ranker', label), oracle),
      recorder,
    }
  }

  #options(): LiveOptions {
    const { host, role } = this.plan
    const { world, stream, config } = this.live
    return {
      peerId: this.peerId,
      address: host.address,
      region: host.region,
      isOrigin: role === 'origin',
      manifest: stream.manifest,
      trackers: world.trackers,
      settings: this.settings(),
      live: config,
    }
  }
}

export class SourceNode extends LiveNode<LiveSource> {
  /** When a standby began to emit; NaN for never. */
  tookOverMs = NaN
  readonly #isStandby: boolean

  constructor(plan: NodePlan, live: LiveContext, isStandby: boolean) {
    super(plan, live)
    this.#isStandby = isStandby
  }

  /** The encoder's next chunk. */
  emit(number: number, body: ChunkBody): void {
    if (!this.isHere || this.isDown) return
    this.madeChunks++
    this.member.emit(number, body)
  }

  protected settings(): PeerSettings {
    const { peer, swarm } = this.live.world.config
    return { ...peer, ...swarm.origin!.settings }
  }

  protected create(ports: LivePorts, options: LiveOptions): LiveSource {
    return new LiveSource(ports, {
      ...options,
      isStandby: this.#isStandby,
      onTakeover: () => {
        this.tookOverMs = this.live.world.fabric.kernel.nowMs
        this.tell('act', { does: 'take over' })
      },
    })
  }
}

export class ViewerNode extends LiveNode<LivePeer> {
  /** When playback began first; NaN for never. */
  startedMs = NaN
  /** From a chunk's emission to when it is due here, since playback last began. */
  delayMs = NaN
  readonly #onChunk: (node: ViewerNode, number: number, body: ChunkBody) => void

  constructor(
    plan: NodePlan,
    live: LiveContext,
    onChunk: (node: ViewerNode, number: number, body: ChunkBody) => void,
  ) {
    super(plan, live)
    this.#onChunk = onChunk
  }

  get playedCount(): number {
    return this.members.reduce((sum, { playback }) => sum + playback.playedCount, 0)
  }

  get skippedCount(): number {
    return this.members.reduce((sum, { playback }) => sum + playback.skippedCount, 0)
  }

  get downloadedBytes(): number {
    return this.members.reduce((sum, { stats }) => sum + stats.downloadedBytes, 0)
  }

  protected settings(): PeerSettings {
    const { peer } = this.live.world.config
    return this.faults.isFreeRider ? { ...peer, maxUnchoked: 0 } : peer
  }

  protected create(ports: LivePorts, options: LiveOptions): LivePeer {
    return new LivePeer(ports, {
      ...options,
      onStart: (first) => {
        const { nowMs } = this.live.world.fabric.kernel
        if (Number.isNaN(this.startedMs)) this.startedMs = nowMs
        this.delayMs = nowMs - this.live.stream.emissionMs(first)
        this.tell('act', { does: 'play', first, delayMs: this.delayMs })
      },
      onChunk: (number, body) => this.#onChunk(this, number, body),
      onFetchEnd: (result, durationMs, fetch) => this.fetchEnded(result, durationMs, fetch),
    })
  }
}
