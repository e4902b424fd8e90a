import { ContentRouter, ROUTER_DEFAULTS } from '../../peer/core/content-router.ts'
import type { KnownOrigin, PeerOptions } from '../../peer/core/options.ts'
import type { PlayerEvents } from '../../peer/core/player.ts'
import { RoomGate } from '../../peer/core/room-gate.ts'
import { RoomMember } from '../../peer/core/room-member.ts'
import { RoomStage } from '../../peer/core/room-stage.ts'
import type { PeerStats } from '../../peer/core/stats.ts'
import type { ContentId } from '../../peer/protocol/ids.ts'
import type { RoomTrack } from '../../peer/protocol/room-messages.ts'
import type { Clock } from '../../peer/ports/clock.ts'
import type { PeerPorts } from '../../peer/ports/ports.ts'
import type { Random } from '../../peer/ports/random.ts'
import { exponential } from '../churn.ts'
import type { NodePlan } from '../population.ts'
import { SimChunkStore } from '../sim-chunk-store.ts'
import type { SimContent } from '../sim-content.ts'
import type { Occasions } from '../retry-bound.ts'
import { type Besides, type NodeAccount, SimNode } from '../sim-node.ts'
import { type ClockSkew, SkewedClock } from '../skewed-clock.ts'
import type { WorldContext } from '../world-context.ts'
import type { RoomsConfig } from './config.ts'
import { RoomContent } from './room-content.ts'
import type { RoomFigures } from './room-figures.ts'
import type { RoomWatch } from './room-watch.ts'

/** The shortest pause before a lost link is opened again, as a share of the setting. */
const LEAST_BACKOFF = 0.5
/** Contents that a member keeps open: the one that plays, the next one, and two that others may still want. */
const MOST_OPEN = 4

/** What the members of a room share. */
export interface RoomSetup {
  readonly config: RoomsConfig
  readonly queue: readonly RoomTrack[]
  readonly contents: ReadonlyMap<ContentId, SimContent>
  readonly origins: readonly KnownOrigin[]
  readonly watch: RoomWatch
  readonly figures: RoomFigures
}

/** Somebody who listens together with others. */
export class RoomNode extends SimNode {
  member!: RoomMember
  stage!: RoomStage
  /** Whether anything has been heard in this session. */
  hasHeard = false
  override readonly mostMembers = MOST_OPEN
  readonly #setup: RoomSetup
  readonly #skew: ClockSkew
  readonly #lossRandom: Random
  #clock!: Clock
  #router!: ContentRouter
  #stores = new Map<ContentId, SimChunkStore>()
  readonly #open = new Map<ContentId, RoomContent>()
  readonly #closed: NodeAccount[] = []
  /** Sessions begun, and contents opened, so far. */
  #sessions = 0
  #openings = 0
  #hasJoined = false
  #epoch = NaN
  #revision = 0

  constructor(plan: NodePlan, setup: RoomSetup, context: WorldContext) {
    super(plan, context)
    const { offsetMs, driftPpm } = setup.config.clocks
    const draws = context.random.fork('clock', plan.label)
    this.#setup = setup
    this.#lossRandom = context.random.fork('loss', plan.label)
    this.#skew = {
      offsetMs: offsetMs * (2 * draws.next() - 1),
      driftPpm: driftPpm * (2 * draws.next() - 1),
    }
    this.#createSession()
  }

  /** Whether the program runs. */
  get isPresent(): boolean {
    return this.isHere && !this.isDown
  }

  override get clockRate(): number {
    return super.clockRate * (1 + this.#skew.driftPpm / 1e6)
  }

  /** Its link to the tracker, asked for the time and opened again, what its person does, and links kept ready to origins. */
  override besides({ seconds, members, restarts, acts, trackers }: Occasions): Besides {
    const { config, origins } = this.#setup
    const { backoffMs, pingMs, firstPingMs } = config.link
    const times = (pauseMs: number): number => 1 + restarts + (1000 * seconds) / pauseMs
    const links = trackers * times(LEAST_BACKOFF * backoffMs)
    const dials = links + origins.length * (1 + restarts + members)
    // At a link's beginning and end: a word to the room, and the first question for the time.
    return { dials, messages: 3 * links + times(Math.min(pingMs, firstPingMs)) + acts }
  }

  accounts(): NodeAccount[] {
    return [...this.#closed, ...Array.from(this.#open.values(), ({ account }) => account)]
  }

  /** The person at this node has done something. */
  acts(does: string): void {
    this.actCount++
    this.tell('act', { does })
  }

  /** Is cut off from everybody for a while. */
  loseConnection(): void {
    if (!this.isHere) return
    const { kernel } = this.context.fabric
    if (this.isPresent) this.network.loseConnection()
    kernel.schedule(1000 * exponential(this.#setup.config.losses.forS, this.#lossRandom.next()), regain, this)
  }

  regainConnection(): void {
    if (!this.isHere) return
    if (this.isPresent) this.network.regainConnection()
    this.#planLoss()
  }

  protected begin(): void {
    this.#setup.watch.disturb(this, 'join', this.arrivedMs)
    this.#startSession()
    this.#planLoss()
  }

  protected leave(): void {
    this.#setup.watch.left(this)
    this.member.leave()
    this.stage.close()
    this.#router.stop()
  }

  protected crash(): void {
    this.#setup.watch.left(this)
    this.member.stop()
    for (const content of this.#open.values()) content.crash()
  }

  protected override restart(keepsCache: boolean): boolean {
    for (const { peer } of this.#open.values()) this.#closed.push(closedAccount(peer.stats))
    this.#open.clear()
    if (!keepsCache) this.#stores.clear()
    this.hasHeard = false
    this.#createSession()
    this.#setup.watch.disturb(this, 'reconnect', this.context.fabric.kernel.nowMs)
    this.#startSession()
    return true
  }

  #createSession(): void {
    const { random, trackers } = this.context
    const { config, queue, watch, figures, origins } = this.#setup
    this.#clock = new SkewedClock(this.ports.clock, this.#skew)
    const gate = new RoomGate(this.ports.network)
    this.#router = new ContentRouter(this.#clock, gate, {
      settings: ROUTER_DEFAULTS,
      shared: trackers,
      spare: origins.map(({ address }) => address),
      summon: () => undefined,
    })
    this.stage = new RoomStage((contentId, events) => this.#openContent(contentId, events), MOST_OPEN, {
      sounds: (waitedMs) => this.member.playback.sounds(waitedMs),
      ended: () => this.member.playback.ended(),
      opened: (waitedMs) => this.#opened(waitedMs),
      stalled: () => figures.stalls++,
    })
    this.member = new RoomMember(
      { clock: this.#clock, network: gate, random: random.fork('room', this.label, this.#sessions++) },
      this.stage,
      {
        roomId: watch.roomId,
        memberId: this.peerId,
        trackers,
        queue,
        settings: config,
        events: {
          changed: () => this.#changed(),
          corrected: (kind) => figures.corrections[kind]++,
          joined: () => this.#joined(),
        },
      },
    )
    gate.member = this.member
  }

  #startSession(): void {
    this.#router.start()
    this.member.start()
  }

  #planLoss(): void {
    const { everyS } = this.#setup.config.losses
    if (everyS === null) return
    this.context.fabric.kernel.schedule(1000 * exponential(everyS, this.#lossRandom.next()), lose, this)
  }

  #joined(): void {
    if (this.#hasJoined) this.#setup.watch.reconnected(this, this.context.fabric.kernel.nowMs)
    this.#hasJoined = true
  }

  #opened(waitedMs: number): void {
    this.hasHeard = true
    this.#setup.figures.startupMs.push(waitedMs)
  }

  #changed(): void {
    const { epoch, revision } = this.member.state!
    if (epoch === this.#epoch && revision < this.#revision)
      this.context.audit.violate(
        'the revision of a room never goes back at a member',
        `${this.plan.label} went from ${this.#revision} to ${revision} of ${this.#setup.watch.roomId}`,
      )
    this.#epoch = epoch
    this.#revision = revision
  }

  #openContent(contentId: ContentId, events: PlayerEvents): RoomContent {
    const { contents, origins, config } = this.#setup
    const content = contents.get(contentId)!
    const store = this.#storeOf(contentId, content)
    const opened = new RoomContent({
      ports: this.#portsOf(contentId, store),
      options: this.#optionsOf(content),
      origins,
      config,
      events,
      kept: store.kept,
      closed: (stats) => {
        this.#closed.push(closedAccount(stats))
        this.#open.delete(contentId)
        this.#router.close(contentId)
      },
    })
    this.#open.set(contentId, opened)
    return opened
  }

  #storeOf(contentId: ContentId, content: SimContent): SimChunkStore {
    const store =
      this.#stores.get(contentId)?.reopened() ??
      new SimChunkStore(content, false, this.label, this.context.audit)
    this.#stores.set(contentId, store)
    return store
  }

  #portsOf(contentId: ContentId, store: SimChunkStore): PeerPorts {
    const { random, recorder, createRanker, oracle } = this.context
    const { label } = this.plan
    const opening = this.#openings++
    return {
      clock: this.#clock,
      random: random.fork('peer', label, opening),
      network: this.#router.open(contentId),
      store,
      ranker: createRanker('peer', label, random.fork('ranker', label, opening), oracle),
      recorder,
    }
  }

  #optionsOf({ manifest }: SimContent): PeerOptions {
    const { config, trackers } = this.context
    const { host, faults } = this.plan
    const settings = { ...config.peer, giveUpMs: 0 }
    return {
      peerId: this.peerId,
      address: host.address,
      region: host.region,
      isOrigin: false,
      manifest,
      trackers,
      settings: faults.isFreeRider ? { ...settings, maxUnchoked: 0 } : settings,
      onFetchEnd: (result, durationMs, fetch) => this.fetchEnded(result, durationMs, fetch),
    }
  }
}

const closedAccount = (stats: PeerStats): NodeAccount => ({ stats, claimedChunks: 0, keptChunks: 0 })

function lose(node: RoomNode): void {
  node.loseConnection()
}

function regain(node: RoomNode): void {
  node.regainConnection()
}
