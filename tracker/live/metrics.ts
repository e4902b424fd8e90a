import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { SwarmPolicies } from '../core/options.ts'
import type { Swarm } from '../core/swarm.ts'
import type { Tracker } from '../core/tracker.ts'
import { Distribution, registerDistributions } from './distribution.ts'

export const PROTOCOLS = ['http', 'udp', 'ws', 'seedbed'] as const
export type Protocol = (typeof PROTOCOLS)[number]

const ANNOUNCE_BOUNDS_S = [2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.05, 0.25]
const RANKING_BOUNDS_S = [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3]
const REQUEST_BOUNDS_S = [2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

/** How the queue before the outcome store stands. */
export interface OutcomeQueue {
  readonly queuedBytes: number
  readonly isStoreUp: boolean
}

/** What one protocol's announces come to. */
export class AnnounceMeter {
  ok = 0
  /** Requests that are not valid, or that a limit forbids. */
  refused = 0
  failed = 0
  scrapes = 0
  readonly seconds = new Distribution(ANNOUNCE_BOUNDS_S)

  /** An announce was answered with peers; `startedMs` is when it came, as `performance.now` counts. */
  answered(startedMs: number): void {
    this.ok++
    this.seconds.observe((performance.now() - startedMs) / 1000)
  }
}

/** What the tracker has counted since it started; `GET /metrics` tells of it. */
export class TrackerMetrics {
  readonly registry = new Registry()
  readonly announces: Readonly<Record<Protocol, AnnounceMeter>>
  readonly rankingSeconds = {
    served: new Distribution(RANKING_BOUNDS_S),
    shadow: new Distribution(RANKING_BOUNDS_S),
  }
  readonly requestSeconds: Record<string, Distribution> = {}
  readonly requests: Counter<'route' | 'status'>
  readonly reports: Counter<'result'>
  readonly errors: Counter<'where'>
  /** Decisions that a shadow was asked for too, and those in which it put the same candidate first. */
  readonly shadowed = { decisions: 0, agreed: 0 }

  constructor() {
    this.announces = {
      ...{ http: new AnnounceMeter(), udp: new AnnounceMeter() },
      ...{ ws: new AnnounceMeter(), seedbed: new AnnounceMeter() },
    }
    const registers = [this.registry]
    this.#countAnnounces()
    const seconds = { name: 'seedbed_announce_seconds', help: 'Time from an announce to its answer' }
    const byProtocol = PROTOCOLS.map((protocol) => [protocol, this.announces[protocol].seconds] as const)
    registerDistributions(this.registry, { ...seconds, label: 'protocol' }, Object.fromEntries(byProtocol))
    const ranking = { name: 'seedbed_ranking_seconds', help: 'Time that a policy takes for one decision' }
    registerDistributions(this.registry, { ...ranking, label: 'slot' }, this.rankingSeconds)
    const request = {
      name: 'seedbed_request_seconds',
      help: 'Time from a request of the data API to its answer',
    }
    registerDistributions(this.registry, { ...request, label: 'route' }, this.requestSeconds)
    this.requests = new Counter({
      ...{ name: 'seedbed_requests_total', help: 'Requests of the data API, by route and status', registers },
      labelNames: ['route', 'status'],
    })
    this.reports = new Counter({
      ...{ name: 'seedbed_reports_total', help: 'Outcomes that peers have reported, by result', registers },
      labelNames: ['result'],
    })
    this.errors = new Counter({
      ...{ name: 'seedbed_errors_total', help: 'Requests that failed for no fault of the client', registers },
      labelNames: ['where'],
    })
    const { shadowed } = this
    counted(
      registers,
      'seedbed_shadow_decisions_total',
      'Decisions that a second policy was asked for too',
      () => shadowed.decisions,
    )
    counted(
      registers,
      'seedbed_shadow_agreed_total',
      'Those in which it put the same candidate first',
      () => shadowed.agreed,
    )
  }

  /** Adds what is read from a tracker whenever somebody asks. */
  watch(tracker: Tracker, slots: () => Readonly<Record<string, SwarmPolicies['ranker']>>): void {
    const registers = [this.registry]
    const sum = (count: (swarm: Swarm) => number): number => {
      let total = 0
      for (const swarm of tracker.swarms()) total += count(swarm)
      return total
    }
    gauge(registers, 'seedbed_swarms', 'Swarms that somebody is in', () => sum(() => 1))
    gauge(registers, 'seedbed_peers', 'Members of all swarms', () => sum(({ size }) => size))
    gauge(registers, 'seedbed_seeds', 'Members that hold everything', () => sum(({ seeds }) => seeds))
    new Gauge({
      ...{ name: 'seedbed_policy_info', help: '1 for each policy that ranks, with its version', registers },
      aggregator: 'max',
      labelNames: ['slot', 'policy', 'version'],
      collect() {
        this.reset()
        for (const [slot, { name, version }] of Object.entries(slots()))
          this.set({ slot, policy: name, version }, 1)
      },
    })
  }

  /** Adds how the queue before the outcome store stands. */
  watchQueue(read: () => OutcomeQueue): void {
    const registers = [this.registry]
    gauge(
      registers,
      'seedbed_outcome_queue_bytes',
      'Bytes of outcomes that wait for the store',
      () => read().queuedBytes,
    )
    gauge(
      registers,
      'seedbed_outcome_store_up',
      'Whether the store took what it was given last',
      () => Number(read().isStoreUp),
      'min',
    )
  }

  /** Adds how many processes of a cluster answer. */
  watchShards(read: () => number): void {
    gauge([this.registry], 'seedbed_shards_up', 'Processes of the cluster that answer', read, 'min')
  }

  /** Adds memory, processor time and the like of the whole process. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry })
  }

  request(route: string, status: number, startedMs: number): void {
    this.requests.inc({ route, status: String(status) })
    const seconds = (this.requestSeconds[route] ??= new Distribution(REQUEST_BOUNDS_S))
    seconds.observe((performance.now() - startedMs) / 1000)
  }

  #countAnnounces(): void {
    const { announces } = this
    const labelNames = ['protocol', 'result']
    new Counter({
      ...{ name: 'seedbed_announces_total', help: 'Announces by protocol and result', labelNames },
      registers: [this.registry],
      collect() {
        this.reset()
        for (const protocol of PROTOCOLS)
          for (const result of ['ok', 'refused', 'failed'] as const)
            this.inc({ protocol, result }, announces[protocol][result])
      },
    })
    new Counter({
      ...{ name: 'seedbed_scrapes_total', help: 'Scrapes by protocol', labelNames: ['protocol'] },
      registers: [this.registry],
      collect() {
        this.reset()
        for (const protocol of PROTOCOLS) this.inc({ protocol }, announces[protocol].scrapes)
      },
    })
  }
}

/** `aggregator`: what becomes of the values of several processes. */
function gauge(
  registers: Registry[],
  name: string,
  help: string,
  read: () => number,
  aggregator: 'sum' | 'min' = 'sum',
): void {
  new Gauge({
    ...{ name, help, registers, aggregator },
    collect() {
      this.set(read())
    },
  })
}

function counted(registers: Registry[], name: string, help: string, read: () => number): void {
  new Counter({
    ...{ name, help, registers },
    collect() {
      this.reset()
      this.inc(read())
    },
  })
}
