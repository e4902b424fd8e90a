import { chunkIntervalMs } from '../../peer/protocol/stream.ts'
import type { InvariantLog } from '../invariants.ts'
import { type NodePlan, planOrigin, planPeers } from '../population.ts'
import type { SimNode } from '../sim-node.ts'
import { mean, quantile } from '../statistics.ts'
import type { Workload, WorkloadMeasures } from '../workload.ts'
import type { WorldContext } from '../world-context.ts'
import type { LiveConfig } from './config.ts'
import { type LiveContext, SourceNode, ViewerNode } from './live-node.ts'
import { impossibleRate, maxRateBps, meanRateBps, type RateBoundInput } from './rate-bound.ts'
import { SimStream } from './sim-stream.ts'
import { snowballMs } from './snowball.ts'
import { Spread } from './spread.ts'

/** Relative slack of the checks against the bounds: the flow solver's tolerance with room for rounding. */
const SLACK = 1e-3

/** A source emits a stream; viewers come, play it as it is made, pass it on, and go. The run ends with the stream. */
export class LiveWorkload implements Workload {
  readonly population: number
  readonly #context: WorldContext
  readonly #config: LiveConfig
  readonly #stream: SimStream
  readonly #live: LiveContext
  readonly #intervalMs: number
  readonly #plans: readonly NodePlan[]
  readonly #bound: Float64Array
  readonly #spread: Spread
  readonly #sources: SourceNode[] = []
  readonly #viewers: ViewerNode[] = []

  constructor(context: WorldContext, config: LiveConfig) {
    const { swarm, seed } = context.config
    this.#context = context
    this.#config = config
    this.population = swarm.peers
    this.#stream = new SimStream(`${seed}/stream`, config.chunkBytes, config.rateBps, config.firstChunk)
    this.#live = { world: context, stream: this.#stream, config }
    this.#intervalMs = chunkIntervalMs(this.#stream.manifest)
    this.#plans = planPeers(context.config, context.random)
    const { bytes } = this.#stream.body(config.firstChunk)
    const sourcesBps = new Array<number>(1 + config.standbys).fill(swarm.origin!.upBps)
    this.#bound = snowballMs(
      bytes,
      sourcesBps,
      this.#plans.map(({ host }) => host.upBps),
    )
    this.#spread = new Spread(this.#bound)
  }

  start(): void {
    const { kernel } = this.#context.fabric
    for (let number = 0; number <= this.#config.standbys; number++) this.#startSource(number)
    for (const plan of this.#plans) kernel.scheduleAt(plan.lifetime.arrivalMs, arrive, this, plan)
    kernel.scheduleAt(0, emit, this, this.#config.firstChunk)
    kernel.schedule(1000 * this.#config.streamS, end, this)
  }

  arrive(plan: NodePlan): void {
    const node = new ViewerNode(plan, this.#live, (viewer, number, body) => {
      const { audit } = this.#context
      if (!this.#stream.isGenuine(number, body))
        audit.violate('no chunk accepted with a wrong digest', `${plan.label} keeps a bad chunk ${number}`)
      const emittedMs = this.#stream.emissionMs(number)
      const delayMs = this.#context.fabric.kernel.nowMs - emittedMs
      this.#spread.arrived(number, delayMs, emittedMs >= viewer.arrivedMs)
    })
    this.#viewers.push(node)
    this.#context.enter(node)
  }

  /** The encoder makes a chunk, and all sources get it. */
  emit(number: number): void {
    const body = this.#stream.body(number)
    for (const source of this.#sources) source.emit(number, body)
    this.#spread.forget(number - Math.ceil((2 * this.#config.windowMs) / this.#intervalMs))
    this.#context.fabric.kernel.scheduleAt(this.#stream.emissionMs(number + 1), emit, this, number + 1)
  }

  end(): void {
    this.#context.end()
  }

  check(log: InvariantLog): void {
    const { impossible } = this.#spread
    if (impossible) log.violate('no chunk spreads faster than the snow-ball bound', impossible)
    const tooMuch = impossibleRate(this.#rateInput(), SLACK)
    if (tooMuch) log.violate('no live stream beats its rate bound', tooMuch)
  }

  measure(): WorkloadMeasures {
    const started = this.#viewers.filter(({ startedMs }) => !Number.isNaN(startedMs))
    const delayMs = Float64Array.from(started, (viewer) => viewer.delayMs)
    const startupMs = Float64Array.from(started, (viewer) => viewer.startedMs - viewer.arrivedMs)
    const diffusionMs = this.#spread.delaysMs()
    const due = started.filter(({ playedCount, skippedCount }) => playedCount + skippedCount > 0)
    const continuity = Float64Array.from(
      due,
      ({ playedCount, skippedCount }) => playedCount / (playedCount + skippedCount),
    )
    const played = due.reduce((sum, { playedCount }) => sum + playedCount, 0)
    const skipped = due.reduce((sum, { skippedCount }) => sum + skippedCount, 0)
    const delays = delayMs.toSorted()
    const startups = startupMs.toSorted()
    const diffusions = diffusionMs.toSorted()
    const rate = this.#rateInput()
    const diffusionP95Ms = quantile(diffusions, 0.95)
    return {
      metrics: {
        delay_p50_s: quantile(delays, 0.5) / 1000,
        delay_p95_s: quantile(delays, 0.95) / 1000,
        continuity_mean: mean(continuity),
        continuity_p5: quantile(continuity.toSorted(), 0.05),
        startup_p50_s: quantile(startups, 0.5) / 1000,
        startup_p95_s: quantile(startups, 0.95) / 1000,
        diffusion_p50_ms: quantile(diffusions, 0.5),
        diffusion_p95_ms: diffusionP95Ms,
        diffusion_ratio: diffusionP95Ms / this.#boundMs(0.95),
        skipped_share: skipped / (played + skipped),
        started_share: started.length / this.#viewers.length,
        rate_ratio: meanRateBps(rate) / maxRateBps(rate),
        takeover_s: this.#takeoverS(),
      },
      samples: { delay_ms: delayMs, startup_ms: startupMs, diffusion_ms: diffusionMs },
    }
  }

  #startSource(number: number): void {
    const { config, random } = this.#context
    const plan = planOrigin(config, `source-${number}`, random)
    const node = new SourceNode(plan, this.#live, number > 0)
    this.#sources.push(node)
    this.#context.enter(node)
    const { sourceFailsAtS } = this.#config
    if (number === 0 && sourceFailsAtS !== null)
      this.#context.fabric.kernel.schedule(1000 * sourceFailsAtS, fail, node)
  }

  /** The earliest time at which a chunk can be with a share of those that chunks went to. */
  #boundMs(share: number): number {
    const { copyCount, chunkCount } = this.#spread
    const copies = Math.min(this.#bound.length, Math.round(share * (copyCount / chunkCount)))
    return this.#bound[Math.max(0, copies - 1)]
  }

  /** From the first source's failure until a standby emits; NaN where nothing failed or nobody took over. */
  #takeoverS(): number {
    const { sourceFailsAtS } = this.#config
    const tookOverMs = this.#sources.map((source) => source.tookOverMs).filter((ms) => !Number.isNaN(ms))
    if (sourceFailsAtS === null || tookOverMs.length === 0) return NaN
    return Math.min(...tookOverMs) / 1000 - sourceFailsAtS
  }

  #rateInput(): RateBoundInput {
    const { nowMs } = this.#context.fabric.kernel
    const presence = ({ network, arrivedMs, isHere, leftMs }: SimNode) => ({
      upBps: network.host.upBps,
      hereMs: (isHere ? nowMs : leftMs) - arrivedMs,
    })
    return {
      sources: this.#sources.map(presence),
      viewers: this.#viewers.map(presence),
      viewerBytes: this.#viewers.map(({ downloadedBytes }) => downloadedBytes),
    }
  }
}

function arrive(workload: LiveWorkload, plan: NodePlan): void {
  workload.arrive(plan)
}

function emit(workload: LiveWorkload, number: number): void {
  workload.emit(number)
}

function end(workload: LiveWorkload): void {
  workload.end()
}

function fail(source: SourceNode): void {
  source.depart(false)
}
