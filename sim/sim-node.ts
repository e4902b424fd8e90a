import type { FetchFacts } from '../peer/core/options.ts'
import type { PeerSettings } from '../peer/core/options.ts'
import type { PeerStats } from '../peer/core/stats.ts'
import type { MemberUsage } from '../peer/core/usage.ts'
import type { PeerId } from '../peer/protocol/ids.ts'
import type { FetchResult } from '../peer/protocol/messages.ts'
import { exponential } from './churn.ts'
import type { NodeFaults } from './faults.ts'
import { FaultyPorts } from './faults/faulty-ports.ts'
import type { Victim } from './faults/victim.ts'
import { hexToken } from './hash.ts'
import type { NodePlan, NodeRole } from './population.ts'
import type { Random } from '../peer/ports/random.ts'
import type { Occasions } from './retry-bound.ts'
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
  /** What a core that lives uses of what is bounded, and the settings that bound it. */
  readonly usage?: MemberUsage
  readonly settings?: PeerSettings
}

/** What a program does besides being a member of swarms. */
export interface Besides {
  readonly dials: number
  readonly messages: number
}

/** One living program on one host: its plan, its adapters, and whatever cores a workload puts between them. */
export abstract class SimNode implements Victim {
  readonly plan: NodePlan
  readonly peerId: PeerId
  readonly network: SimNetwork
  /** What the cores of the present session are given. */
  ports: FaultyPorts
  isDown = false
  readonly arrivedMs: number
  leftMs = NaN
  /** Chunks that have come into being here. */
  madeChunks = 0
  /** What a person has done here. */
  actCount = 0
  /** How often the program has begun anew. */
  restartCount = 0
  /** Whether the run no longer waits for this node. */
  isFinished = false
  /** The most cores that it has at once. */
  readonly mostMembers: number = 1
  protected readonly context: WorldContext
  /** Of sessions that have ended. */
  #unreadBytes = 0
  readonly #stallRandom: Random

  constructor(plan: NodePlan, context: WorldContext, sharing?: SimHost) {
    const { config, fabric, random, oracle } = context
    this.plan = plan
    this.context = context
    this.arrivedMs = fabric.kernel.nowMs
    this.peerId = hexToken(`${config.seed}/${plan.label}`, 40)
    this.network = fabric.addNode(plan.host, sharing)
    this.ports = new FaultyPorts(this.network, plan.faults)
    this.#stallRandom = random.fork('stall', plan.label)
    oracle.place(this.peerId, this.network.host)
  }

  get label(): string {
    return this.plan.label
  }

  get role(): NodeRole {
    return this.plan.role
  }

  get faults(): NodeFaults {
    return this.plan.faults
  }

  get isHere(): boolean {
    return Number.isNaN(this.leftMs)
  }

  /** How fast the clock of the program runs. */
  get clockRate(): number {
    return 1 + (this.faults.skew?.driftPpm ?? 0) / 1e6
  }

  /** Requests of one core that may become pointless in a second, so that others follow them without a pause. */
  get lapsesPerS(): number {
    return 0
  }

  /** The most that the program may do besides being a member of swarms. */
  besides(_occasions: Occasions): Besides {
    return { dials: 0, messages: 0 }
  }

  /** What the cores have counted, those that have ended included. */
  abstract accounts(): Iterable<NodeAccount>

  /** The cores begin. */
  protected abstract begin(): void

  /** The cores leave in order. */
  protected abstract leave(): void

  /** The cores stop without a word. */
  protected abstract crash(): void

  /** The cores begin anew, in a later session of the same peer; whether this kind of node can do that. */
  protected restart(_keepsCache: boolean): boolean {
    return false
  }

  start(): void {
    const { stall } = this.plan.faults
    const upShare = this.#upShare
    this.#tellFaults()
    if (upShare < 1) this.context.fabric.throttleUp(this.network.host, upShare)
    if (stall) this.#planStall(true)
    this.begin()
  }

  /** Goes in order, or vanishes; harmless when it has gone. */
  depart(isGraceful: boolean): void {
    if (!this.isHere) return
    if (!this.isDown) this.#end(isGraceful, isGraceful)
    this.leftMs = this.context.fabric.kernel.nowMs
  }

  goDown(refuses: boolean): void {
    if (!this.isHere || this.isDown) return
    this.#end(false, refuses)
    this.isDown = true
  }

  comeBack(keepsCache: boolean): void {
    if (!this.isHere || !this.isDown) return
    this.isDown = false
    this.restartCount++
    this.network.revive()
    this.#unreadBytes += this.ports.unreadBytes
    this.ports = new FaultyPorts(this.network, this.plan.faults)
    if (this.restart(keepsCache)) return
    this.depart(false)
    this.context.finished(this)
  }

  /** Bytes of chunks that have reached the host and no program on it. */
  get unreadBytes(): number {
    return this.#unreadBytes + this.ports.unreadBytes
  }

  /** The run is over: what is under way ends. */
  cutOff(): void {
    if (!this.isHere || this.isDown) return
    this.network.catchUp()
    this.crash()
  }

  #end(isGraceful: boolean, closesLinks: boolean): void {
    this.ports.resume()
    this.network.catchUp()
    if (isGraceful) this.leave()
    else this.crash()
    if (closesLinks) this.network.shutDown()
    else this.network.crash()
    this.ports.stop()
  }

  /** Share of the nominal up rate that is there but for stalls. */
  get #upShare(): number {
    const { upShare, trickleBps } = this.plan.faults
    return trickleBps ? Math.min(upShare, trickleBps / this.plan.host.upBps) : upShare
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
      announces: total(({ stats }) => stats.announces),
      failedAnnounces: total(({ stats }) => stats.failedAnnounces),
      dials: this.network.dials,
      messages: this.network.sentMessages,
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
    const { corruptShare, isFreeRider, upShare, trickleBps, lies, skew } = this.plan.faults
    if (corruptShare > 0) this.tell('fault-begins', { fault: 'corrupt', corruptShare })
    if (isFreeRider) this.tell('fault-begins', { fault: 'free-rider' })
    if (upShare < 1) this.tell('fault-begins', { fault: 'slow', upShare })
    if (trickleBps !== undefined) this.tell('fault-begins', { fault: 'slow-loris', trickleBps })
    for (const { about } of lies) this.tell('fault-begins', { fault: 'liar', about })
    if (skew) this.tell('fault-begins', { fault: 'clock-skew', ...skew })
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
    this.context.fabric.throttleUp(this.network.host, begins ? 0 : this.#upShare)
    this.#planStall(!begins)
  }
}

function stallChanges(node: SimNode, begins: boolean): void {
  node.stall(begins)
}
