import { SeededRandom } from '../peer/ports/seeded-random.ts'
import type { Recorder } from '../peer/ports/recorder.ts'
import { Tracker } from '../tracker/core/tracker.ts'
import { checkSimConfig } from './config-check.ts'
import type { SimConfig } from './config.ts'
import { type BoundInput, distributionBound } from './distribution-bound.ts'
import { NetworkFabric } from './fabric.ts'
import { FetchTally } from './fetch-tally.ts'
import { FlowNetwork } from './flow-network.ts'
import { INVARIANTS, InvariantLog } from './invariants.ts'
import { Kernel } from './kernel.ts'
import { Oracle } from './oracle.ts'
import { pathRtt } from './path-rtt.ts'
import { type NodePlan, planPeers, planSources } from './population.ts'
import { rttEstimateMs } from './regions.ts'
import { SimClock } from './sim-clock.ts'
import { SimContent } from './sim-content.ts'
import type { SimHost } from './sim-host.ts'
import { type CreateRanker, type NodeContext, SimNode } from './sim-node.ts'
import { checkEnd, checkLinks } from './world-checks.ts'
import type { WorldResult } from './world-result.ts'

export interface WorldDependencies {
  readonly createRanker: CreateRanker
  readonly recorder: Recorder
}

export interface WorldProgress {
  readonly simulatedMs: number
  readonly limitMs: number
  readonly peers: number
  readonly arrived: number
  /** Peers that have completed or gone. */
  readonly finished: number
  readonly events: number
}

const TRACKER_ADDRESS = 'tracker.sim:6969'
const TRACKER_BPS = 1.25e9
/** How many times progress is told if the run takes its whole time limit. */
const PROGRESS_STEPS = 1000

/** One simulation of the `download` workload: tracker, origins, seeds and peers, from a resolved config. Runs once. */
export class World {
  readonly #config: SimConfig
  readonly #kernel = new Kernel()
  readonly #log: InvariantLog
  readonly #fabric: NetworkFabric
  readonly #context: NodeContext
  readonly #tally = new FetchTally()
  readonly #nodes: SimNode[] = []
  readonly #random: SeededRandom
  readonly #limitMs: number
  readonly #peerCount: number
  #arrived = 0
  #finished = 0
  #originHost: SimHost | undefined

  /** Throws SimConfigError. */
  constructor(config: SimConfig, { createRanker, recorder }: WorldDependencies) {
    checkSimConfig(config)
    const { swarm, seed, checks } = config
    this.#config = config
    this.#limitMs = 1000 * config.durationLimitS
    this.#peerCount = swarm.peers
    this.#random = new SeededRandom(seed)
    this.#log = new InvariantLog(String(seed), () => this.#kernel.nowMs)
    const flows = new FlowNetwork(this.#kernel)
    this.#fabric = new NetworkFabric(this.#kernel, flows, {
      settings: config.network,
      random: this.#random.fork('network'),
      seed: String(seed),
      pathRttMs: pathRtt(config.network.rtt),
      audit: this.#log,
      checksMessages: checks.level === 'full',
    })
    this.#context = {
      config,
      random: this.#random,
      fabric: this.#fabric,
      oracle: new Oracle(this.#fabric, swarm.chunkBytes),
      contents: Array.from(
        { length: swarm.contents },
        (_, content) => new SimContent(`${seed}/content-${content}`, swarm.contentBytes, swarm.chunkBytes),
      ),
      trackerAddress: TRACKER_ADDRESS,
      recorder,
      createRanker,
      tally: this.#tally,
      audit: this.#log,
      completed: (node) => this.#completed(node),
    }
  }

  /** Runs to the end: all peers have completed or gone, or the time limit. Throws InvariantViolationError. */
  run(onProgress?: (progress: WorldProgress) => void): WorldResult {
    this.#startTracker()
    for (const plan of planSources(this.#config, this.#random)) this.#join(plan)
    for (const plan of planPeers(this.#config, this.#random))
      this.#kernel.scheduleAt(plan.lifetime.arrivalMs, join, this, plan)
    if (this.#config.checks.level === 'full') this.#planCheck()
    const stepMs = this.#limitMs / PROGRESS_STEPS
    while (this.#finished < this.#peerCount && this.#kernel.nowMs < this.#limitMs) {
      this.#kernel.run(Math.min(this.#kernel.nowMs + stepMs, this.#limitMs))
      onProgress?.(this.#progress())
    }
    return this.#conclude()
  }

  /** A node of the plan comes to life. */
  join(plan: NodePlan): void {
    this.#arrived++
    const node = this.#join(plan)
    const { sessionMs, isGraceful } = plan.lifetime
    if (sessionMs < this.#limitMs) this.#kernel.schedule(sessionMs, depart, this, { node, isGraceful })
  }

  /** A node goes, whether it has completed or not. */
  depart({ node, isGraceful }: Departure): void {
    if (!node.isHere) return
    node.depart(isGraceful)
    if (node.plan.role === 'peer' && Number.isNaN(node.completedMs)) this.#finish()
  }

  check(): void {
    checkLinks(this.#log, this.#fabric)
    this.#planCheck()
  }

  #startTracker(): void {
    const { createRanker, recorder, oracle } = this.#context
    const network = this.#fabric.addNode({
      address: TRACKER_ADDRESS,
      region: 'eu-west',
      upBps: TRACKER_BPS,
      downBps: TRACKER_BPS,
      lastMileMs: 0,
    })
    const tracker = new Tracker(
      {
        clock: new SimClock(network),
        random: this.#random.fork('tracker'),
        network,
        ranker: createRanker('tracker', 'tracker', this.#random.fork('ranker', 'tracker'), oracle),
        recorder,
      },
      { settings: this.#config.tracker, rttEstimateMs },
    )
    tracker.start()
  }

  #join(plan: NodePlan): SimNode {
    const isOrigin = plan.role === 'origin'
    const node = new SimNode(plan, this.#context, isOrigin ? this.#originHost : undefined)
    if (isOrigin) this.#originHost ??= node.network.host
    this.#nodes.push(node)
    node.start()
    const { crashAfterMs } = plan.faults
    if (crashAfterMs < this.#limitMs)
      this.#kernel.schedule(crashAfterMs, depart, this, { node, isGraceful: false })
    return node
  }

  #completed(node: SimNode): void {
    const { lingerMs, isGraceful } = node.plan.lifetime
    if (lingerMs < this.#limitMs) this.#kernel.schedule(lingerMs, depart, this, { node, isGraceful })
    this.#finish()
  }

  #finish(): void {
    if (++this.#finished === this.#peerCount) this.#kernel.stop()
  }

  #planCheck(): void {
    this.#kernel.schedule(1000 * this.#config.checks.everyS, checkNow, this)
  }

  #progress(): WorldProgress {
    return {
      simulatedMs: this.#kernel.nowMs,
      limitMs: this.#limitMs,
      peers: this.#peerCount,
      arrived: this.#arrived,
      finished: this.#finished,
      events: this.#kernel.executed,
    }
  }

  #conclude(): WorldResult {
    const { nowMs, executed } = this.#kernel
    const bound = this.#boundInput()
    checkEnd(this.#log, this.#fabric, this.#nodes, bound)
    // Fetches that the end of the run cuts off are outcomes too; nobody hears of them any more.
    for (const node of this.#nodes) if (node.isHere) node.peer.crash()
    if (this.#config.checks.onViolation === 'throw') this.#log.throwIfBroken()
    const records = this.#nodes.map((node) => node.record())
    return {
      seed: String(this.#config.seed),
      simulatedMs: nowMs,
      events: executed,
      contentBytes: this.#config.swarm.contentBytes,
      peers: records.filter(({ role }) => role === 'peer'),
      sources: records.filter(({ role }) => role !== 'peer'),
      results: { ...this.#tally.results },
      okDurationsMs: this.#tally.okDurationsMs(),
      controlMessages: this.#fabric.controlMessages,
      controlBytes: this.#fabric.controlBytes,
      bound: distributionBound(bound),
      invariants: { checks: INVARIANTS, violations: this.#log.violations },
    }
  }

  #boundInput(): BoundInput {
    const peers = this.#nodes.filter(({ plan }) => plan.role === 'peer')
    const sources = this.#nodes.filter(({ plan }) => plan.role !== 'peer')
    return {
      contentBytes: this.#config.swarm.contentBytes,
      sources: sources.filter(({ plan }) => plan.role === 'seed' || plan.content === 0).map(upInterval),
      peers: peers.map(upInterval),
      completed: peers
        .filter(({ completedMs }) => !Number.isNaN(completedMs))
        .map(({ arrivedMs, completedMs, network }) => ({
          arrivedMs,
          completedMs,
          downBps: network.host.downBps,
        })),
    }
  }
}

interface Departure {
  readonly node: SimNode
  readonly isGraceful: boolean
}

function upInterval({ network, arrivedMs, isHere, leftMs }: SimNode) {
  return { upBps: network.host.upBps, fromMs: arrivedMs, toMs: isHere ? Infinity : leftMs }
}

function join(world: World, plan: NodePlan): void {
  world.join(plan)
}

function depart(world: World, departure: Departure): void {
  world.depart(departure)
}

function checkNow(world: World): void {
  world.check()
}
