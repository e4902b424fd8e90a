import { Peer } from '../peer/core/peer.ts'
import type { PeerSettings } from '../peer/core/options.ts'
import type { PeerId } from '../peer/protocol/ids.ts'
import type { DecisionPlace, Ranker } from '../peer/ports/ranker.ts'
import type { Random } from '../peer/ports/random.ts'
import type { Recorder } from '../peer/ports/recorder.ts'
import type { SimConfig } from './config.ts'
import { exponential } from './churn.ts'
import type { NetworkFabric } from './fabric.ts'
import type { FetchTally } from './fetch-tally.ts'
import { hexToken } from './hash.ts'
import type { Audit } from './invariants.ts'
import type { Oracle } from './oracle.ts'
import type { NodePlan } from './population.ts'
import { PollutingStore, SimChunkStore } from './sim-chunk-store.ts'
import { SimClock } from './sim-clock.ts'
import type { SimContent } from './sim-content.ts'
import type { SimHost } from './sim-host.ts'
import type { SimNetwork } from './sim-network.ts'
import { type NodeRecord, recordOf } from './world-result.ts'

/** Makes the ranker of one node; `random` is the node's own stream for it. */
export type CreateRanker = (place: DecisionPlace, nodeLabel: string, random: Random, oracle: Oracle) => Ranker

/** What the nodes of one world share. */
export interface NodeContext {
  readonly config: SimConfig
  readonly random: Random
  readonly fabric: NetworkFabric
  readonly oracle: Oracle
  readonly contents: readonly SimContent[]
  readonly trackerAddress: string
  readonly recorder: Recorder
  readonly createRanker: CreateRanker
  readonly tally: FetchTally
  readonly audit: Audit
  /** A node has all chunks now. */
  readonly completed: (node: SimNode) => void
}

/** One living peer, seed or origin: its plan, its adapters and the core between them. */
export class SimNode {
  readonly plan: NodePlan
  readonly peerId: PeerId
  readonly network: SimNetwork
  readonly clock: SimClock
  readonly peer: Peer
  readonly store: SimChunkStore
  readonly arrivedMs: number
  completedMs = NaN
  leftMs = NaN
  readonly #context: NodeContext
  readonly #stallRandom: Random

  constructor(plan: NodePlan, context: NodeContext, sharing?: SimHost) {
    const { config, fabric, random, recorder, createRanker, contents, oracle, audit, tally } = context
    const { label, role, faults } = plan
    const content = contents[plan.content]
    this.plan = plan
    this.#context = context
    this.arrivedMs = fabric.kernel.nowMs
    this.peerId = hexToken(`${config.seed}/${label}`, 40)
    this.network = fabric.addNode(plan.host, sharing)
    this.clock = new SimClock(this.network)
    this.store = new SimChunkStore(content, role !== 'peer', label, audit)
    this.#stallRandom = random.fork('stall', label)
    oracle.place(this.peerId, this.network.host)
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
        tracker: context.trackerAddress,
        settings: settingsOf(plan, config),
        onComplete: () => {
          this.completedMs = fabric.kernel.nowMs
          context.completed(this)
        },
        onFetchEnd: (result, durationMs) => tally.count(result, durationMs),
      },
    )
  }

  get isHere(): boolean {
    return Number.isNaN(this.leftMs)
  }

  start(): void {
    const { upShare, stall } = this.plan.faults
    if (upShare < 1) this.#context.fabric.throttleUp(this.network.host, upShare)
    if (stall) this.#planStall(true)
    this.peer.start()
  }

  /** Goes in order, or vanishes; harmless when it has gone. */
  depart(isGraceful: boolean): void {
    if (!this.isHere) return
    this.network.catchUp()
    if (isGraceful) {
      this.peer.leave()
      this.network.shutDown()
    } else {
      this.peer.crash()
      this.network.crash()
    }
    this.clock.stop()
    this.leftMs = this.#context.fabric.kernel.nowMs
  }

  record(): NodeRecord {
    return recordOf(this)
  }

  /** Alternates between sending and not sending, while the node is there. */
  #planStall(begins: boolean): void {
    const { kernel } = this.#context.fabric
    const { stall } = this.plan.faults
    const meanS = begins ? stall!.meanEveryS : stall!.meanForS
    kernel.schedule(1000 * exponential(meanS, this.#stallRandom.next()), stallChanges, this, begins)
  }

  stall(begins: boolean): void {
    if (!this.isHere) return
    this.#context.fabric.throttleUp(this.network.host, begins ? 0 : this.plan.faults.upShare)
    this.#planStall(!begins)
  }
}

function stallChanges(node: SimNode, begins: boolean): void {
  node.stall(begins)
}

function settingsOf({ role, faults }: NodePlan, { peer, swarm }: SimConfig): PeerSettings {
  if (role === 'origin') return { ...peer, ...swarm.origin!.settings }
  return faults.isFreeRider ? { ...peer, maxUnchoked: 0 } : peer
}
