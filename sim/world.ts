import { SeededRandom } from '../peer/ports/seeded-random.ts'
import type { Recorder } from '../peer/ports/recorder.ts'
import { checkSimConfig } from './config-check.ts'
import type { SimConfig } from './config.ts'
import { NetworkFabric } from './fabric.ts'
import { FaultInjector } from './faults/injector.ts'
import { FetchTally } from './fetch-tally.ts'
import { FlowNetwork } from './flow-network.ts'
import { INVARIANTS, InvariantLog } from './invariants.ts'
import { Kernel } from './kernel.ts'
import { Oracle } from './oracle.ts'
import { pathRtt } from './path-rtt.ts'
import type { SimNode } from './sim-node.ts'
import { StormCheck } from './storm-check.ts'
import { TrackerNode, trackerAddress } from './tracker-node.ts'
import type { Workload } from './workload.ts'
import { createWorkload } from './workloads.ts'
import { Tracer, type TraceSink } from './trace.ts'
import { traceRankers } from './traced-ranker.ts'
import { checkEnd, checkLinks, checkUsage } from './world-checks.ts'
import type { CreateRanker, WorldContext } from './world-context.ts'
import type { WorldResult } from './world-result.ts'

export interface WorldDependencies {
  readonly createRanker: CreateRanker
  readonly recorder: Recorder
  /** Takes every event of the simulation. The outcome is the same without. */
  readonly trace?: TraceSink | undefined
}

export interface WorldProgress {
  readonly simulatedMs: number
  readonly limitMs: number
  readonly peers: number
  readonly arrived: number
  /** Nodes of the population that have what they came for, or have gone. */
  readonly finished: number
  readonly events: number
}

/** How many times progress is told if the run takes its whole time limit. */
const PROGRESS_STEPS = 1000

/** One simulation from a resolved config: tracker, network, faults, and the nodes of a workload. Runs once. */
export class World {
  readonly #config: SimConfig
  readonly #kernel = new Kernel()
  readonly #log: InvariantLog
  readonly #fabric: NetworkFabric
  readonly #injector: FaultInjector
  readonly #storms: StormCheck
  readonly #context: WorldContext
  readonly #workload: Workload
  readonly #tally = new FetchTally()
  readonly #nodes: SimNode[] = []
  readonly #trackers: TrackerNode[] = []
  readonly #random: SeededRandom
  readonly #limitMs: number
  #arrived = 0
  #finished = 0
  #isOver = false

  /** Throws SimConfigError. */
  constructor(config: SimConfig, { createRanker, recorder, trace }: WorldDependencies) {
    checkSimConfig(config)
    const { workload, seed, checks } = config
    this.#config = config
    this.#limitMs = 1000 * config.durationLimitS
    this.#random = new SeededRandom(seed)
    this.#log = new InvariantLog(String(seed), () => this.#kernel.nowMs)
    const tracer = trace && new Tracer(this.#kernel, trace)
    const flows = new FlowNetwork(this.#kernel)
    this.#fabric = new NetworkFabric(this.#kernel, flows, {
      settings: config.network,
      random: this.#random.fork('network'),
      seed: String(seed),
      pathRttMs: pathRtt(config.network),
      audit: this.#log,
      checksMessages: checks.level === 'full',
      tracer,
    })
    this.#storms = new StormCheck(this.#log, config.swarm.trackers)
    this.#injector = new FaultInjector(this.#fabric, config.faults, this.#random.fork('fault-times'))
    this.#context = {
      config,
      random: this.#random,
      fabric: this.#fabric,
      oracle: new Oracle(this.#fabric, workload.chunkBytes),
      trackers: Array.from({ length: config.swarm.trackers }, (_, number) => trackerAddress(number)),
      trackerNodes: this.#trackers,
      recorder,
      createRanker: tracer ? traceRankers(createRanker, tracer) : createRanker,
      tally: this.#tally,
      audit: this.#log,
      nodes: this.#nodes,
      enter: (node) => this.#enter(node),
      departLater: (node, delayMs) => this.#departLater(node, delayMs, node.plan.lifetime.isGraceful),
      finished: (node) => this.#finish(node),
      end: () => this.#end(),
    }
    this.#workload = createWorkload(this.#context)
  }

  /** Runs to the end: the workload's, or the time limit. Throws InvariantViolationError. */
  run(onProgress?: (progress: WorldProgress) => void): WorldResult {
    this.#startTrackers()
    this.#workload.start()
    if (this.#config.checks.level === 'full') this.#planCheck()
    const stepMs = this.#limitMs / PROGRESS_STEPS
    while (!this.#isOver && this.#kernel.nowMs < this.#limitMs) {
      this.#kernel.run(Math.min(this.#kernel.nowMs + stepMs, this.#limitMs))
      onProgress?.(this.#progress())
    }
    return this.#conclude()
  }

  /** How many neighbours a peer that is not finished has now, on average; looks at every node. NaN where there is none. */
  get meanNeighbours(): number {
    let peers = 0
    let neighbours = 0
    for (const node of this.#nodes) {
      if (node.plan.role !== 'peer' || node.isFinished || !node.isHere || node.isDown) continue
      peers++
      for (const { usage } of node.accounts()) neighbours += usage?.neighbours ?? 0
    }
    return neighbours / peers
  }

  /** A node goes, whether it has what it came for or not. */
  depart({ node, isGraceful }: Departure): void {
    if (!node.isHere) return
    node.depart(isGraceful)
    this.#finish(node)
  }

  check(): void {
    checkLinks(this.#log, this.#fabric)
    this.#checkNodes()
    this.#planCheck()
  }

  #startTrackers(): void {
    this.#context.trackers.forEach((_, number) => {
      const tracker = new TrackerNode(number, this.#context)
      this.#trackers.push(tracker)
      this.#injector.add(tracker)
      tracker.start()
    })
  }

  #enter(node: SimNode): void {
    const { role, lifetime, faults } = node.plan
    if (role === 'peer') this.#arrived++
    this.#nodes.push(node)
    this.#injector.add(node)
    node.start()
    this.#departLater(node, lifetime.sessionMs, lifetime.isGraceful)
    this.#departLater(node, faults.crashAfterMs, false)
  }

  #departLater(node: SimNode, delayMs: number, isGraceful: boolean): void {
    if (delayMs < this.#limitMs) this.#kernel.schedule(delayMs, depart, this, { node, isGraceful })
  }

  /** Sources come with the swarm: nobody waits for them. */
  #finish(node: SimNode): void {
    if (node.isFinished || node.plan.role !== 'peer') return
    node.isFinished = true
    if (++this.#finished === this.#workload.population) this.#end()
  }

  #end(): void {
    this.#isOver = true
    this.#kernel.stop()
  }

  #checkNodes(): void {
    checkUsage(this.#log, this.#nodes)
    this.#storms.check(this.#nodes, this.#kernel.nowMs)
  }

  #planCheck(): void {
    this.#kernel.schedule(1000 * this.#config.checks.everyS, checkNow, this)
  }

  #progress(): WorldProgress {
    return {
      simulatedMs: this.#kernel.nowMs,
      limitMs: this.#limitMs,
      peers: this.#workload.population,
      arrived: this.#arrived,
      finished: this.#finished,
      events: this.#kernel.executed,
    }
  }

  #conclude(): WorldResult {
    const { nowMs, executed } = this.#kernel
    checkEnd(this.#log, this.#fabric, this.#nodes)
    this.#checkNodes()
    this.#workload.check?.(this.#log)
    // Fetches that the end of the run cuts off are outcomes too; nobody hears of them any more.
    for (const node of this.#nodes) node.cutOff()
    if (this.#config.checks.onViolation === 'throw') this.#log.throwIfBroken()
    const records = this.#nodes.map((node) => node.record())
    return {
      seed: String(this.#config.seed),
      simulatedMs: nowMs,
      events: executed,
      peers: records.filter(({ role }) => role === 'peer'),
      sources: records.filter(({ role }) => role !== 'peer'),
      results: { ...this.#tally.results },
      okDurationsMs: this.#tally.okDurationsMs(),
      peerDials: { ...this.#fabric.peerDials },
      controlMessages: this.#fabric.controlMessages,
      controlBytes: this.#fabric.controlBytes,
      measures: this.#workload.measure(),
      invariants: { checks: INVARIANTS, violations: this.#log.violations },
    }
  }
}

interface Departure {
  readonly node: SimNode
  readonly isGraceful: boolean
}

function depart(world: World, departure: Departure): void {
  world.depart(departure)
}

function checkNow(world: World): void {
  world.check()
}
