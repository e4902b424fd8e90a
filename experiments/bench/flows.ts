import { FlowNetwork, type FlowCounters, type FlowId } from '../../sim/flow-network.ts'
import { Kernel } from '../../sim/kernel.ts'
import { progressiveFilling } from '../../sim/progressive-filling.ts'

export interface FlowBenchOptions {
  hosts: number
  /** Outgoing transfers that every host keeps up. */
  flowsPerHost: number
  /** Wall time to measure for, in seconds. Default 3. */
  seconds?: number
  /** Compare the final rates with progressive filling (quadratic in hosts: use up to about 10,000). */
  check?: boolean
  /** Passed to the flow network. */
  tolerance?: number
}

export interface FlowBenchResult {
  hosts: number
  flowsPerHost: number
  completionsPerSecond: number
  peakRssBytes: number
  completions: number
  rateUpdatesPerCompletion: number
  linkVisitsPerCompletion: number
  /** Relative error of the final rates against exact max-min, where asked for. */
  rateError?: { max: number; mean: number }
}

const UPLINK_BPS = 1.25e6
const DOWNLINK_BPS = 5e6
const PATH_LATENCY_MS = 40
const CLOCK_CHECK_EVENTS = 20_000

/**
 * The star benchmark: every host has an up-link of 1.25 MB/s and a down-link of 5 MB/s, 20 ms of latency on
 * each, and keeps `flowsPerHost` outgoing transfers of 0.5 to 1.5 MB to uniformly random other hosts. Each
 * finished transfer starts the next. Timing begins when every first transfer has been replaced once on average.
 */
export function runFlowBench(options: FlowBenchOptions): FlowBenchResult {
  const { hosts, flowsPerHost, seconds = 3 } = options
  const star = new Star(hosts, flowsPerHost, options.tolerance)
  while (star.network.counters().completions < hosts * flowsPerHost)
    star.kernel.run(Infinity, CLOCK_CHECK_EVENTS)

  const before = star.network.counters()
  const startedMs = performance.now()
  let elapsedMs = 0
  while (elapsedMs < seconds * 1000) {
    star.kernel.run(Infinity, CLOCK_CHECK_EVENTS)
    elapsedMs = performance.now() - startedMs
  }
  const after = star.network.counters()
  const completions = after.completions - before.completions
  const per = (name: keyof FlowCounters): number => (after[name] - before[name]) / completions
  return {
    hosts,
    flowsPerHost,
    completionsPerSecond: (completions / elapsedMs) * 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    completions,
    rateUpdatesPerCompletion: per('rateUpdates'),
    linkVisitsPerCompletion: per('linkVisits'),
    ...(options.check === true ? { rateError: star.rateError() } : {}),
  }
}

class Star {
  readonly kernel = new Kernel()
  readonly network: FlowNetwork
  private readonly hosts: number
  private readonly flowsPerHost: number
  private readonly uplinks: number[] = []
  private readonly downlinks: number[] = []
  private readonly flows: Float64Array
  private readonly destinations: Int32Array
  private state = 0x9e3779b9

  constructor(hosts: number, flowsPerHost: number, tolerance?: number) {
    this.hosts = hosts
    this.flowsPerHost = flowsPerHost
    this.network = new FlowNetwork(this.kernel, tolerance === undefined ? {} : { tolerance })
    for (let host = 0; host < hosts; host++) {
      this.uplinks.push(this.network.addLink(UPLINK_BPS))
      this.downlinks.push(this.network.addLink(DOWNLINK_BPS))
    }
    this.flows = new Float64Array(hosts * flowsPerHost).fill(-1)
    this.destinations = new Int32Array(hosts * flowsPerHost)
    for (let transfer = 0; transfer < this.flows.length; transfer++) {
      this.kernel.schedule(this.random() * 1000, this.begin, transfer)
    }
  }

  rateError(): { max: number; mean: number } {
    const running = [...this.flows.keys()].filter((transfer) => this.flows[transfer] >= 0)
    const capacities = new Float64Array(this.hosts * 2)
    for (let host = 0; host < this.hosts; host++) {
      capacities[host] = UPLINK_BPS
      capacities[this.hosts + host] = DOWNLINK_BPS
    }
    const exact = progressiveFilling(
      capacities,
      running.map((transfer) => ({
        path: [this.source(transfer), this.hosts + this.destinations[transfer]],
        capBps: Infinity,
      })),
    )
    let max = 0
    let sum = 0
    running.forEach((transfer, index) => {
      const error = Math.abs(this.network.rate(this.flows[transfer]) / exact[index] - 1)
      max = Math.max(max, error)
      sum += error
    })
    return { max, mean: sum / running.length }
  }

  private readonly finish = (_flow: FlowId, transfer: number): void => {
    this.flows[transfer] = -1
    this.kernel.schedule(PATH_LATENCY_MS, this.begin, transfer)
  }

  private readonly begin = (transfer: number): void => {
    const source = this.source(transfer)
    const shift = 1 + Math.floor(this.random() * (this.hosts - 1))
    const destination = (source + shift) % this.hosts
    const bytes = 0.5e6 + this.random() * 1e6
    this.destinations[transfer] = destination
    this.flows[transfer] = this.network.start(
      this.uplinks[source],
      this.downlinks[destination],
      bytes,
      Infinity,
      this.finish,
      transfer,
      undefined,
    )
  }

  private source(transfer: number): number {
    return Math.floor(transfer / this.flowsPerHost)
  }

  /** Mulberry32: the benchmark needs a fast, seeded stream and nothing more. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
