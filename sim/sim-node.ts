import type { FetchFacts } from '../peer/core/options.ts'
import type { PeerStats } from '../peer/core/stats.ts'
import type { PeerId } from '../peer/protocol/ids.ts'
import type { FetchResult } from '../peer/protocol/messages.ts'
import { exponential } from './churn.ts'
import { hexToken } from './hash.ts'
import type { NodePlan } from './population.ts'
import type { Random } from '../peer/ports/random.ts'
import { SimClock } from './sim-clock.ts'
import type { SimHost } from './sim-host.ts'
import type { SimNetwork } from './sim-network.ts'
import { labelOf, type TraceDetails, type TraceKind } from './trace.ts'
import type { NodeRecord } from './world-result.ts'
import type { WorldContext } from './world-context.ts'

/** What one core of a node has counted, and what its store says. */
export interface NodeAccount {
  readonly stats: PeerStats
  /** Chunks that the core claims, and chunks that are kept. */
  readonly claimedChunks: number
  readonly keptChunks: number
}

/** One living program on one host: its plan, its adapters, and whatever cores a workload puts between them. */
export abstract class SimNode {
  readonly plan: NodePlan
  readonly peerId: PeerId
  readonly network: SimNetwork
  readonly clock: SimClock
  readonly arrivedMs: number
  leftMs = NaN
  /** Whether the run no longer waits for this node. */
  isFinished = false
  protected readonly context: WorldContext
  readonly #stallRandom: Random

  constructor(plan: NodePlan, context: WorldContext, sharing?: SimHost) {
    const { config, fabric, random, oracle } = context
    this.plan = plan
    this.context = context
    this.arrivedMs = fabric.kernel.nowMs
    this.peerId = hexToken(`${config.seed}/${plan.label}`, 40)
    this.network = fabric.addNode(plan.host, sharing)
    this.clock = new SimClock(this.network)
    this.#stallRandom = random.fork('stall', plan.label)
    oracle.place(this.peerId, this.network.host)
  }

  get isHere(): boolean {
    return Number.isNaN(this.leftMs)
  }

  /** What the cores have counted, those that have ended included. */
  abstract accounts(): Iterable<NodeAccount>

  /** The cores begin. */
  protected abstract begin(): void

  /** The cores leave in order. */
  protected abstract leave(): void

  /** The cores stop without a word. */
  protected abstract crash(): void

  start(): void {
    const { upShare, stall } = this.plan.faults
    this.#tellFaults()
    if (upShare < 1) this.context.fabric.throttleUp(this.network.host, upShare)
    if (stall) this.#planStall(true)
    this.begin()
  }

  /** Goes in order, or vanishes; harmless when it has gone. */
  depart(isGraceful: boolean): void {
    if (!this.isHere) return
    this.network.catchUp()
    if (isGraceful) {
      this.leave()
      this.network.shutDown()
    } else {
      this.crash()
      this.network.crash()
    }
    this.clock.stop()
    this.leftMs = this.context.fabric.kernel.nowMs
  }

  /** The run is over: what is under way ends. */
  cutOff(): void {
    if (this.isHere) this.crash()
  }

  record(): NodeRecord {
    const { plan, peerId, arrivedMs, leftMs } = this
    const accounts = [...this.accounts()]
    const total = (of: (account: NodeAccount) => number): number =>
      accounts.reduce((sum, account) => sum + of(account), 0)
    return {
      label: plan.label,
      peerId,
      role: plan.role,
      region: plan.host.region,
      accessClass: plan.accessClass,
      upBps: plan.host.upBps,
      downBps: plan.host.downBps,
      arrivedMs,
      leftMs,
      chunks: total(({ claimedChunks }) => claimedChunks),
      downloadedBytes: total(({ stats }) => stats.downloadedBytes),
      uploadedBytes: total(({ stats }) => stats.uploadedBytes),
      wastedBytes: total(({ stats }) => stats.wastedBytes),
      fromOriginBytes: total(({ stats }) => stats.fromOriginBytes),
      fromSeedBytes: total(({ stats }) => stats.fromSeedBytes),
      fromPeerBytes: total(({ stats }) => stats.fromPeerBytes),
    }
  }

  /** Tells whoever traces the simulation. */
  protected tell(kind: TraceKind, details: TraceDetails): void {
    this.context.fabric.tracer?.tell(this.plan.label, kind, details)
  }

  /** For the cores' `onFetchEnd`. */
  protected fetchEnded(result: FetchResult, durationMs: number, fetch: FetchFacts): void {
    const { tally, fabric } = this.context
    tally.count(result, durationMs)
    if (!fabric.tracer) return
    const { chunk, seed, attempt, reason } = fetch
    this.tell('fetch-end', { result, chunk, from: labelOf(seed), attempt, reason, durationMs })
  }

  #tellFaults(): void {
    const { corruptShare, isFreeRider, upShare } = this.plan.faults
    if (corruptShare > 0) this.tell('fault-begins', { fault: 'corrupt', corruptShare })
    if (isFreeRider) this.tell('fault-begins', { fault: 'free-rider' })
    if (upShare < 1) this.tell('fault-begins', { fault: 'slow', upShare })
  }

  /** Alternates between sending and not sending, while the node is there. */
  #planStall(begins: boolean): void {
    const { kernel } = this.context.fabric
    const { stall } = this.plan.faults
    const meanS = begins ? stall!.meanEveryS : stall!.meanForS
    kernel.schedule(1000 * exponential(meanS, this.#stallRandom.next()), stallChanges, this, begins)
  }

  stall(begins: boolean): void {
    if (!this.isHere) return
    this.tell(begins ? 'fault-begins' : 'fault-ends', { fault: 'stall' })
    this.context.fabric.throttleUp(this.network.host, begins ? 0 : this.plan.faults.upShare)
    this.#planStall(!begins)
  }
}

function stallChanges(node: SimNode, begins: boolean): void {
  node.stall(begins)
}
