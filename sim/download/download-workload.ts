import { type BoundInput, distributionBound, impossibleCompletion } from '../distribution-bound.ts'
import type { InvariantLog } from '../invariants.ts'
import { type NodePlan, planOrigin, planPeers, planSeed, reliable } from '../population.ts'
import { SimContent } from '../sim-content.ts'
import type { SimHost } from '../sim-host.ts'
import { mean, quantile } from '../statistics.ts'
import type { Workload, WorkloadMeasures } from '../workload.ts'
import type { WorldContext } from '../world-context.ts'
import type { DownloadConfig } from './config.ts'
import { DownloadNode } from './download-node.ts'

/** Relative slack of the check against the bound: the flow solver's tolerance with room for rounding. */
const SLACK = 1e-3

/** Peers come, fetch a file, stay a while to serve it, and go. */
export class DownloadWorkload implements Workload {
  readonly population: number
  readonly #context: WorldContext
  readonly #config: DownloadConfig
  readonly #contents: readonly SimContent[]
  readonly #sources: DownloadNode[] = []
  readonly #peers: DownloadNode[] = []
  #originHost: SimHost | undefined

  constructor(context: WorldContext, config: DownloadConfig) {
    const { seed, swarm } = context.config
    this.#context = context
    this.#config = config
    this.population = swarm.peers
    this.#contents = Array.from(
      { length: config.contents },
      (_, content) => new SimContent(`${seed}/content-${content}`, config.contentBytes, config.chunkBytes),
    )
  }

  start(): void {
    const { config, random, fabric } = this.#context
    for (let content = 0; content < this.#config.contents; content++) this.#startSources(content)
    for (const plan of planPeers(config, random))
      fabric.kernel.scheduleAt(plan.lifetime.arrivalMs, arrive, this, plan)
  }

  arrive(plan: NodePlan): void {
    const { contents } = this.#config
    const content = contents === 1 ? 0 : this.#context.random.fork('content', plan.label).below(contents)
    const node = this.#node(plan, content)
    this.#peers.push(node)
    this.#context.enter(node)
  }

  check(log: InvariantLog): void {
    const impossible = impossibleCompletion(this.#boundInput(), SLACK)
    if (impossible) log.violate('no completion before the Kumar-Ross bound', impossible)
  }

  measure(): WorkloadMeasures {
    const completed = this.#completed()
    const completionMs = Float64Array.from(completed, (node) => node.completedMs - node.arrivedMs)
    const { contentBytes } = this.#config
    return {
      metrics: {
        completion_mean_s: mean(completionMs) / 1000,
        completion_p95_s: quantile(completionMs.toSorted(), 0.95) / 1000,
        goodput_mean_bps: mean(completionMs.map((ms) => (1000 * contentBytes) / ms)),
        completed_share: completed.length / this.#peers.length,
        bound_ratio: distributionBound(this.#boundInput()).ratio,
      },
      samples: { completion_ms: completionMs },
    }
  }

  #startSources(content: number): void {
    const { config, random } = this.#context
    const { origin, initialSeeds } = config.swarm
    if (origin) {
      const node = this.#node(planOrigin(config, `origin-${content}`, random), content, this.#originHost)
      this.#originHost ??= node.network.host
      this.#enterSource(node)
    }
    for (let seed = 0; seed < initialSeeds; seed++) {
      const plan = planSeed(config, `seed-${content}-${seed}`, random)
      // Without one honest source nobody could ever finish.
      this.#enterSource(this.#node(seed === 0 ? reliable(plan) : plan, content))
    }
  }

  #enterSource(node: DownloadNode): void {
    this.#sources.push(node)
    this.#context.enter(node)
  }

  #node(plan: NodePlan, content: number, sharing?: SimHost): DownloadNode {
    const { lingerMs } = plan.lifetime
    const onEnd = (node: DownloadNode): void => {
      const hasAll = !Number.isNaN(node.completedMs)
      this.#context.departLater(node, hasAll ? lingerMs : 0)
      if (hasAll) this.#context.finished(node)
    }
    return new DownloadNode(plan, content, this.#contents[content], this.#context, onEnd, sharing)
  }

  #completed(): DownloadNode[] {
    return this.#peers.filter(({ completedMs }) => !Number.isNaN(completedMs))
  }

  /** Over all contents together; their origins share one host. */
  #boundInput(): BoundInput {
    return {
      contentBytes: this.#config.contentBytes,
      sources: this.#sources
        .filter(({ plan, content }) => plan.role === 'seed' || content === 0)
        .map(upInterval),
      peers: this.#peers.map(upInterval),
      completed: this.#completed().map(({ arrivedMs, completedMs, network }) => ({
        arrivedMs,
        completedMs,
        downBps: network.host.downBps,
      })),
    }
  }
}

function upInterval({ network, arrivedMs, isHere, leftMs }: DownloadNode) {
  return { upBps: network.host.upBps, fromMs: arrivedMs, toMs: isHere ? Infinity : leftMs }
}

function arrive(workload: DownloadWorkload, plan: NodePlan): void {
  workload.arrive(plan)
}
