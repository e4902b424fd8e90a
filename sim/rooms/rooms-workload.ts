import type { KnownOrigin } from '../../peer/core/options.ts'
import type { Address, ContentId } from '../../peer/protocol/ids.ts'
import type { RoomTrack } from '../../peer/protocol/room-messages.ts'
import { sample } from '../../peer/ports/seeded-random.ts'
import type { Rooms } from '../../tracker/core/rooms.ts'
import { DownloadNode } from '../download/download-node.ts'
import type { InvariantLog } from '../invariants.ts'
import { type NodePlan, planOrigin, planPeers, planSeed, reliable } from '../population.ts'
import { SimContent } from '../sim-content.ts'
import type { Workload, WorkloadMeasures } from '../workload.ts'
import type { WorldContext } from '../world-context.ts'
import type { RoomsConfig } from './config.ts'
import { OriginNode } from './origin-node.ts'
import { RoomFigures } from './room-figures.ts'
import { RoomNode, type RoomSetup } from './room-node.ts'
import { RoomPerson } from './room-person.ts'
import { RoomWatch } from './room-watch.ts'

/** Share of a room's life in which members may come late. */
const LATE_SHARE = 0.8
/** Members of whom the tracker hears nothing expire after `expiryMs`, seen at the next sweep a third of it later. */
const SWEEP_SHARE = 4 / 3
/** Timers may fire a trace late. */
const ROUNDING_MS = 1

interface Arrival {
  readonly plan: NodePlan
  readonly setup: RoomSetup
}

/** Rooms open, people come, listen together to what one of them chooses, and go when the room closes. */
export class RoomsWorkload implements Workload {
  readonly population: number
  readonly #context: WorldContext
  readonly #config: RoomsConfig
  readonly #figures = new RoomFigures()
  readonly #contents = new Map<ContentId, SimContent>()
  readonly #tracks: readonly RoomTrack[]
  readonly #watches: RoomWatch[] = []
  readonly #members: RoomNode[] = []

  constructor(context: WorldContext, config: RoomsConfig) {
    this.#context = context
    this.#config = config
    this.population = context.config.swarm.peers
    this.#tracks = Array.from({ length: config.contents }, (_, number) => this.#drawTrack(number))
  }

  start(): void {
    const { config, random, fabric } = this.#context
    const plans = planPeers(config, random)
    const { membersPerRoom } = this.#config
    const rooms = Math.ceil(plans.length / membersPerRoom)
    const queues = Array.from({ length: rooms }, (_, room) => this.#drawQueue(room))
    const origins = this.#startSources(new Set(queues.flat().map(({ contentId }) => contentId)))
    queues.forEach((queue, room) =>
      this.#planRoom(room, queue, plans.slice(room * membersPerRoom, (room + 1) * membersPerRoom), origins),
    )
    fabric.kernel.schedule(this.#config.sampleMs, look, this)
  }

  arrive({ plan, setup }: Arrival): void {
    const node = new RoomNode(plan, setup, this.#context)
    this.#members.push(node)
    setup.watch.members.push(node)
    this.#context.enter(node)
  }

  /** Looks at all rooms, and will again. */
  look(): void {
    const { kernel } = this.#context.fabric
    for (const watch of this.#watches) watch.look(kernel.nowMs)
    kernel.schedule(this.#config.sampleMs, look, this)
  }

  measure(): WorkloadMeasures {
    const { nowMs } = this.#context.fabric.kernel
    for (const { arrivedMs, leftMs, isHere } of this.#members)
      this.#figures.presentMs += (isHere ? nowMs : leftMs) - arrivedMs
    return this.#figures.measures()
  }

  check(log: InvariantLog): void {
    const { config, trackerNodes } = this.#context
    for (const { core, ranMs } of trackerNodes) {
      const sinceMs = ranMs - config.tracker.rooms.expiryMs * SWEEP_SHARE - ROUNDING_MS
      for (const { roomId, guests } of core.rooms.all())
        log.check(
          [...guests.values()].some(({ heardMs }) => heardMs >= sinceMs),
          'no room stays when its members have gone',
          () =>
            `${roomId} is still there, and nobody of it was heard of since ${sinceMs} ms of its tracker’s time`,
        )
    }
  }

  #roomsAt(address: Address): Rooms {
    const { trackers, trackerNodes } = this.#context
    return trackerNodes[trackers.indexOf(address)].core.rooms
  }

  #drawTrack(number: number): RoomTrack {
    const { seed } = this.#context.config
    const { leastTrackS, mostTrackS, byteRateBps, chunkBytes } = this.#config
    const draw = this.#context.random.fork('track', number).next()
    const durationMs = Math.round(1000 * (leastTrackS + (mostTrackS - leastTrackS) * draw))
    const bytes = Math.max(1, Math.round((durationMs * byteRateBps) / 1000))
    const content = new SimContent(`${seed}/track-${number}`, bytes, chunkBytes)
    this.#contents.set(content.manifest.contentId, content)
    return { contentId: content.manifest.contentId, durationMs }
  }

  #drawQueue(room: number): RoomTrack[] {
    return sample(this.#tracks, this.#config.tracksPerRoom, this.#context.random.fork('queue', room))
  }

  #startSources(queued: ReadonlySet<ContentId>): KnownOrigin[] {
    const { config, random } = this.#context
    const origins: KnownOrigin[] = []
    if (config.swarm.origin) {
      const node = new OriginNode(planOrigin(config, 'origin', random), this.#contents, this.#context)
      const { address, region } = node.plan.host
      origins.push({ peerId: node.peerId, address, region })
      this.#context.enter(node)
    }
    this.#tracks.forEach(({ contentId }, number) => {
      if (queued.has(contentId))
        for (let seed = 0; seed < config.swarm.initialSeeds; seed++) {
          const plan = planSeed(config, `seed-${number}-${seed}`, random)
          const content = this.#contents.get(contentId)!
          const isReliable = seed === 0
          this.#context.enter(
            new DownloadNode(isReliable ? reliable(plan) : plan, number, content, this.#context, ignore),
          )
        }
    })
    return origins
  }

  #planRoom(
    room: number,
    queue: readonly RoomTrack[],
    plans: readonly NodePlan[],
    origins: readonly KnownOrigin[],
  ): void {
    const { random, fabric, audit } = this.#context
    const { listenS, controls, sync } = this.#config
    const watch = new RoomWatch(`room-${room}`, sync.toleranceMs, this.#figures, audit, (address) =>
      this.#roomsAt(address),
    )
    this.#watches.push(watch)
    const setup: RoomSetup = {
      config: this.#config,
      queue,
      contents: this.#contents,
      origins,
      watch,
      figures: this.#figures,
    }
    const opensMs = plans[0].lifetime.arrivalMs
    const closesMs = opensMs + 1000 * listenS
    plans.forEach((plan, place) => {
      const arrivalMs = opensMs + this.#delayMs(plan.label, place)
      const sessionMs = Math.min(plan.lifetime.sessionMs, closesMs - arrivalMs)
      const arrival = { plan: { ...plan, lifetime: { ...plan.lifetime, arrivalMs, sessionMs } }, setup }
      fabric.kernel.scheduleAt(arrivalMs, arrive, this, arrival)
    })
    const person = new RoomPerson(fabric.kernel, random.fork('person', room), controls, closesMs, {
      controller: () =>
        watch.members.find(({ isPresent, member }) => isPresent && member.isController && member.isJoined),
      controlled: () => this.#figures.controls++,
    })
    fabric.kernel.scheduleAt(opensMs, begin, person)
  }

  /** How long after its room has opened a member comes. */
  #delayMs(label: string, place: number): number {
    if (place === 0) return 0
    const { gatherS, lateShare, listenS } = this.#config
    const draws = this.#context.random.fork('coming', label)
    const isLate = draws.next() < lateShare
    return 1000 * draws.next() * (isLate ? LATE_SHARE * listenS : gatherS)
  }
}

const ignore = (): void => undefined

function arrive(workload: RoomsWorkload, arrival: Arrival): void {
  workload.arrive(arrival)
}

function look(workload: RoomsWorkload): void {
  workload.look()
}

function begin(person: RoomPerson): void {
  person.start()
}
