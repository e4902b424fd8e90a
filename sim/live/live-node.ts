import { LivePeer } from '../../peer/core/live-peer.ts'
import { LiveSource } from '../../peer/core/live-source.ts'
import type { LiveMember } from '../../peer/core/live-member.ts'
import type { PeerSettings } from '../../peer/core/options.ts'
import type { ChunkBody } from '../../peer/ports/chunk-store.ts'
import type { NodePlan } from '../population.ts'
import { type NodeAccount, SimNode } from '../sim-node.ts'
import type { WorldContext } from '../world-context.ts'
import type { LiveConfig } from './config.ts'
import { PollutingNetwork } from './polluting-network.ts'
import type { SimStream } from './sim-stream.ts'

/** A member of the stream: a host with one core. */
abstract class LiveNode extends SimNode {
  abstract readonly member: LiveMember

  accounts(): NodeAccount[] {
    const { stats, heldCount } = this.member
    return [{ stats, claimedChunks: heldCount, keptChunks: heldCount }]
  }

  protected begin(): void {
    this.member.start()
  }

  protected leave(): void {
    this.member.leave()
  }

  protected crash(): void {
    this.member.crash()
  }

  protected ports(stream: SimStream) {
    const { random, recorder, createRanker, oracle } = this.context
    const { label, faults } = this.plan
    const { corruptShare } = faults
    return {
      clock: this.clock,
      random: random.fork('peer', label),
      network:
        corruptShare > 0
          ? new PollutingNetwork(this.network, stream, corruptShare, random.fork('pollution', label))
          : this.network,
      verifier: stream,
      ranker: createRanker('peer', label, random.fork('ranker', label), oracle),
      recorder,
    }
  }

  protected options(stream: SimStream, live: LiveConfig, settings: PeerSettings) {
    const { host, role } = this.plan
    return {
      peerId: this.peerId,
      address: host.address,
      region: host.region,
      isOrigin: role === 'origin',
      manifest: stream.manifest,
      trackers: [this.context.trackerAddress],
      settings,
      live,
    }
  }
}

export class SourceNode extends LiveNode {
  readonly member: LiveSource
  /** When a standby began to emit; NaN for never. */
  tookOverMs = NaN

  constructor(
    plan: NodePlan,
    stream: SimStream,
    live: LiveConfig,
    isStandby: boolean,
    context: WorldContext,
  ) {
    super(plan, context)
    const { peer, swarm } = context.config
    this.member = new LiveSource(this.ports(stream), {
      ...this.options(stream, live, { ...peer, ...swarm.origin!.settings }),
      isStandby,
      onTakeover: () => {
        this.tookOverMs = context.fabric.kernel.nowMs
        this.tell('act', { act: 'takeover' })
      },
    })
  }

  /** The encoder's next chunk. */
  emit(number: number, body: ChunkBody): void {
    if (this.isHere) this.member.emit(number, body)
  }
}

export class ViewerNode extends LiveNode {
  readonly member: LivePeer
  /** When playback began first; NaN for never. */
  startedMs = NaN
  /** From a chunk's emission to when it is due here, since playback last began. */
  delayMs = NaN

  constructor(
    plan: NodePlan,
    stream: SimStream,
    live: LiveConfig,
    context: WorldContext,
    onChunk: (node: ViewerNode, number: number, body: ChunkBody) => void,
  ) {
    super(plan, context)
    const { peer } = context.config
    this.member = new LivePeer(this.ports(stream), {
      ...this.options(stream, live, plan.faults.isFreeRider ? { ...peer, maxUnchoked: 0 } : peer),
      onStart: (first) => {
        const nowMs = context.fabric.kernel.nowMs
        if (Number.isNaN(this.startedMs)) this.startedMs = nowMs
        this.delayMs = nowMs - stream.emissionMs(first)
        this.tell('act', { act: 'play', first, delayMs: this.delayMs })
      },
      onChunk: (number, body) => onChunk(this, number, body),
      onFetchEnd: (result, durationMs, fetch) => this.fetchEnded(result, durationMs, fetch),
    })
  }
}
