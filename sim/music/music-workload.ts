import type { InvariantLog } from '../invariants.ts'
import { planGuest, planOrigin } from '../population.ts'
import type { Workload, WorkloadMeasures } from '../workload.ts'
import type { WorldContext } from '../world-context.ts'
import { drawSessions } from './attendance.ts'
import { Catalogue } from './catalogue.ts'
import type { MusicConfig } from './config.ts'
import { Listener } from './listener.ts'
import { ListenerNode } from './listener-node.ts'
import { PlayLog } from './play-log.ts'
import { ServerNode } from './server-node.ts'

/** A session that is planned. */
interface Arrival {
  readonly listener: Listener
  readonly number: number
  readonly beginMs: number
  readonly lengthMs: number
}

/** Listeners come and go through the hours, and hear tracks of one catalogue. */
export class MusicWorkload implements Workload {
  readonly population: number
  readonly #context: WorldContext
  readonly #config: MusicConfig
  readonly #catalogue: Catalogue
  readonly #arrivals: readonly Arrival[]
  readonly #log: PlayLog
  readonly #nodes: ListenerNode[] = []
  #server: ServerNode | undefined

  constructor(context: WorldContext, config: MusicConfig) {
    const { random, config: world } = context
    this.#context = context
    this.#config = config
    this.#catalogue = new Catalogue(
      config.catalogue,
      config.chunkBytes,
      String(world.seed),
      random.fork('catalogue'),
    )
    this.#log = new PlayLog(1000 * config.warmupS, this.#catalogue.topCount)
    this.#arrivals = Array.from({ length: world.swarm.peers }, (_, number) => number).flatMap((number) => {
      const label = `peer-${number}`
      const sessions = drawSessions(
        config.attendance,
        1000 * world.durationLimitS,
        random.fork('sessions', label),
      )
      if (sessions.length === 0) return []
      const listener = new Listener(label, config, this.#catalogue, random)
      return sessions.map((session, place) => ({ listener, number: place, ...session }))
    })
    this.population = this.#arrivals.length
  }

  start(): void {
    const { config, fabric, enter } = this.#context
    if (config.swarm.origin) {
      this.#server = new ServerNode(
        planOrigin(config, 'origin', this.#context.random),
        this.#context,
        this.#config,
        this.#catalogue,
      )
      enter(this.#server)
    }
    for (const arrival of this.#arrivals) fabric.kernel.scheduleAt(arrival.beginMs, arrive, this, arrival)
  }

  arrive({ listener, number, beginMs, lengthMs }: Arrival): void {
    const { config, random } = this.#context
    const plan = planGuest(config, listener.label, `${listener.label}-${number}`, random, {
      arrivalMs: beginMs,
      sessionMs: lengthMs,
      lingerMs: Infinity,
      isGraceful: random.fork('goodbye', listener.label, number).next() < config.churn.gracefulShare,
    })
    const node = new ListenerNode(
      plan,
      this.#context,
      this.#config,
      this.#catalogue,
      listener,
      this.#server,
      (play) => this.#log.add(play),
    )
    this.#nodes.push(node)
    this.#context.enter(node)
  }

  check(log: InvariantLog): void {
    const { hardLinks } = this.#config.node
    const { uploadSlots } = this.#context.config.peer
    for (const { host, plan, isHere } of this.#nodes) {
      if (!isHere || !host) continue
      log.check(
        host.linkCount <= hardLinks && host.uploads <= uploadSlots,
        'no node over its limits',
        () => `${plan.label} has ${host.linkCount} links and ${host.uploads} uploads`,
      )
    }
  }

  measure(): WorkloadMeasures {
    return this.#log.measure()
  }
}

function arrive(workload: MusicWorkload, arrival: Arrival): void {
  workload.arrive(arrival)
}
