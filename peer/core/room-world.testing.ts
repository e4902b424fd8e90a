import { createTestFabric, type TestFabric } from '../../sim/fabric.testing.ts'
import { NETWORK_DEFAULTS } from '../../sim/network-settings.ts'
import { SimClock } from '../../sim/sim-clock.ts'
import type { SimNetwork } from '../../sim/sim-network.ts'
import { type ClockSkew, SkewedClock } from '../../sim/skewed-clock.ts'
import { TRACKER_DEFAULTS } from '../../tracker/core/options.ts'
import { ROOMS_DEFAULTS } from '../../tracker/core/room-options.ts'
import type { Room } from '../../tracker/core/room.ts'
import { Tracker } from '../../tracker/core/tracker.ts'
import type { RoomTrack } from '../protocol/room-messages.ts'
import { headAt, trackStartMs } from '../protocol/room-timeline.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { LinkHandler } from '../ports/network.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { FirstRanker, idOf, ListRecorder } from './harness.testing.ts'
import { RoomMember } from './room-member.ts'
import {
  type CorrectionKind,
  ROOM_DEFAULTS,
  type RoomSettings,
  type RoomSyncSettings,
} from './room-options.ts'
import type { RoomPlayer, RoomPlayerEvents } from './room-player.ts'

const HOUR_MS = 3_600_000

/** Plays what a test says is there: a wait of `waitMs` before every sound behind a jump, and stalls on demand. */
export class ScriptedPlayer implements RoomPlayer {
  track: number | undefined
  state: RoomPlayer['state'] = 'paused'
  rate = 1
  waitMs = 0
  events!: RoomPlayerEvents
  readonly prepared: number[] = []
  readonly #clock: Clock
  #durationMs = 0
  #anchorMs = 0
  #anchorPositionMs = 0
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get positionMs(): number {
    if (this.state !== 'sounding') return this.#anchorPositionMs
    const heardMs = (this.#clock.nowMs() - this.#anchorMs) * this.rate
    return Math.min(this.#durationMs, this.#anchorPositionMs + heardMs)
  }

  goTo(number: number, { durationMs }: RoomTrack, positionMs: number, isPlaying: boolean): void {
    this.#settle('paused')
    this.track = number
    this.#durationMs = durationMs
    this.#anchorPositionMs = positionMs
    if (isPlaying) this.#wait(this.waitMs)
  }

  play(): void {
    if (this.state === 'paused') this.#sound(0)
  }

  pause(): void {
    if (this.state !== 'ended') this.#settle('paused')
  }

  setRate(rate: number): void {
    this.#settle(this.state)
    this.rate = rate
    if (this.state === 'sounding') this.#planEnd()
  }

  isReady(): boolean {
    return this.waitMs === 0
  }

  prepare(number: number): void {
    this.prepared.push(number)
  }

  /** Runs dry for so long. */
  stall(ms: number): void {
    this.#settle('paused')
    this.#wait(ms)
  }

  #wait(ms: number): void {
    if (ms === 0) return this.#sound(0)
    this.state = 'waiting'
    this.#timer = this.#clock.setTimer(ms, () => this.#sound(ms))
  }

  #sound(waitedMs: number): void {
    this.#settle('sounding')
    this.#planEnd()
    this.events.sounds(waitedMs)
  }

  #planEnd(): void {
    const leftMs = (this.#durationMs - this.#anchorPositionMs) / this.rate
    this.#timer = this.#clock.setTimer(leftMs, () => {
      this.#settle('ended')
      this.#anchorPositionMs = this.#durationMs
      this.events.ended()
    })
  }

  #settle(next: RoomPlayer['state']): void {
    this.#anchorPositionMs = this.positionMs
    this.#anchorMs = this.#clock.nowMs()
    if (this.#timer !== undefined && next !== 'waiting') this.#clock.clearTimer(this.#timer)
    this.state = next
  }
}

/** One member with a host, a clock and a player of its own. */
export class TestMember {
  readonly network: SimNetwork
  readonly clock: SimClock
  readonly player: ScriptedPlayer
  readonly member: RoomMember
  readonly corrections: CorrectionKind[] = []
  readonly revisions: number[] = []

  constructor(
    number: number,
    fabric: TestFabric,
    queue: readonly RoomTrack[],
    settings: RoomSettings,
    skew: ClockSkew,
    trackers: readonly string[],
  ) {
    this.network = fabric.add(`member-${number}`)
    this.clock = new SimClock(this.network)
    const clock = new SkewedClock(this.clock, skew)
    this.player = new ScriptedPlayer(clock)
    this.member = new RoomMember(
      { clock, network: this.network, random: new SeededRandom(`member-${number}`) },
      this.player,
      {
        roomId: 'kitchen',
        memberId: idOf(number),
        trackers,
        queue,
        settings,
        events: {
          corrected: (kind) => this.corrections.push(kind),
          changed: () => this.revisions.push(this.member.state!.revision),
        },
      },
    )
    this.player.events = this.member.playback
    this.network.attach(handlerOf(this.member))
  }

  /** Vanishes without a word. */
  crash(): void {
    this.member.stop()
    this.network.crash()
    this.clock.stop()
  }
}

function handlerOf(member: RoomMember): LinkHandler {
  return {
    linkUp: (link) => member.linkUp(link),
    linkDown: (link) => member.linkDown(link),
    message: (_link, message) => member.message(message),
    chunkBegins: () => undefined,
    chunkArrived: () => undefined,
    chunkSent: () => undefined,
  }
}

/** A tracker on the simulated network, that can vanish. */
class TestTracker {
  core!: Tracker
  readonly address: string
  readonly #fabric: TestFabric
  readonly #network: SimNetwork
  readonly #skew: ClockSkew
  #handler!: LinkHandler
  #clock!: SimClock

  constructor(fabric: TestFabric, address: string, skew: ClockSkew) {
    this.address = address
    this.#fabric = fabric
    this.#skew = skew
    this.#network = fabric.add(address)
    this.#network.attach({
      linkUp: (link, incoming) => this.#handler.linkUp(link, incoming),
      linkDown: (link, reason) => this.#handler.linkDown(link, reason),
      message: (link, message) => this.#handler.message(link, message),
      chunkBegins: () => undefined,
      chunkArrived: () => undefined,
      chunkSent: () => undefined,
    })
    this.start()
  }

  get room(): Room | undefined {
    return this.core.rooms.get('kitchen')
  }

  /** Vanishes without a word. */
  crash(): void {
    this.#network.crash()
    this.#clock.stop()
  }

  /** One that knows nothing stands where the last one was. */
  start(): void {
    const network = this.#network
    network.presence = 'listening'
    this.#clock = new SimClock(network)
    this.core = new Tracker(
      {
        clock: new SkewedClock(this.#clock, this.#skew),
        network: {
          attach: (handler) => {
            this.#handler = handler
          },
          connect: (remote) => network.connect(remote),
          close: (link) => network.close(link),
          send: (link, message) => network.send(link, message),
          sendChunk: (link, header, body) => network.sendChunk(link, header, body),
          abortChunk: (link, requestId) => network.abortChunk(link, requestId),
        },
        random: new SeededRandom(`tracker-${this.#fabric.kernel.nowMs}`),
        ranker: new FirstRanker(),
        recorder: new ListRecorder(),
      },
      { settings: { ...TRACKER_DEFAULTS, rooms: ROOMS_DEFAULTS }, rttEstimateMs: () => 20 },
    )
  }
}

/** Trackers and members on the simulated network; round trips are TEST_RTT_MS. */
export class RoomWorld {
  readonly fabric: TestFabric
  readonly members: TestMember[] = []
  readonly queue: readonly RoomTrack[]
  readonly settings: RoomSettings
  /** Best first; each is an hour ahead of the one before. */
  readonly trackers: readonly TestTracker[]

  constructor(
    sync: Partial<RoomSyncSettings> = {},
    durationsMs: readonly number[] = [100_000, 60_000],
    jitterShare = 0,
    trackers = 1,
  ) {
    this.fabric = createTestFabric({ settings: { ...NETWORK_DEFAULTS, jitterShare } })
    this.queue = durationsMs.map((durationMs, i) => ({ contentId: String(i).padStart(64, '0'), durationMs }))
    this.settings = { link: ROOM_DEFAULTS.link, sync: { ...ROOM_DEFAULTS.sync, ...sync } }
    this.trackers = Array.from(
      { length: trackers },
      (_, i) =>
        new TestTracker(this.fabric, i === 0 ? 'tracker' : `tracker-${i}`, {
          offsetMs: i * HOUR_MS,
          driftPpm: 0,
        }),
    )
  }

  /** At the first tracker. */
  get room(): Room | undefined {
    return this.trackers[0].room
  }

  get tracker(): Tracker {
    return this.trackers[0].core
  }

  /** Adds a member that joins now. */
  join(skew: ClockSkew = { offsetMs: 0, driftPpm: 0 }): TestMember {
    const { fabric, queue, settings } = this
    const trackers = this.trackers.map(({ address }) => address)
    const member = new TestMember(this.members.length + 1, fabric, queue, settings, skew, trackers)
    this.members.push(member)
    member.member.start()
    return member
  }

  run(ms: number): void {
    const { kernel } = this.fabric
    kernel.run(kernel.nowMs + ms)
  }

  /** The first tracker vanishes without a word. */
  crashTracker(): void {
    this.trackers[0].crash()
  }

  startTracker(): void {
    this.trackers[0].start()
  }

  /** How far a member is ahead of the room at a tracker, in true time; Infinity where it plays another track. */
  driftMs({ player }: TestMember, at = 0): number {
    const { head, queue } = this.trackers[at].room!
    const now = headAt(head, queue, this.fabric.kernel.nowMs + at * HOUR_MS)
    if (player.track === undefined) return Infinity
    return trackStartMs(queue, player.track) + player.positionMs - now.positionMs
  }
}
