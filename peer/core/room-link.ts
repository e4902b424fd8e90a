import type { ClockPong, RoomMessage } from '../protocol/room-messages.ts'
import type { Address } from '../protocol/ids.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Link, Network } from '../ports/network.ts'
import type { Random } from '../ports/random.ts'
import { ClockOffset } from './clock-offset.ts'
import type { RoomLinkSettings } from './room-options.ts'
import { TrackerList } from './tracker-list.ts'

const MAX_QUESTIONS = 16

export interface RoomLinkHost {
  /** The link is ready: say hello. */
  opened(): void
  /** The link is about to be left for one to a better tracker: say goodbye. */
  leaves(): void
  lost(): void
  /** There is a first or a better estimate of the tracker's clock. */
  clockKnown(): void
}

/**
 * A member's link to its tracker, which is asked for its clock. A link that is lost is opened again after a pause; only where
 * that fails the next tracker is tried, so that a room stays together when one of its members is cut off for a moment. While
 * the member is at a later tracker, the better ones are tried beside it, and gone back to when they are there.
 */
export class RoomLink {
  /** Of the clock of the tracker that was spoken to last. */
  offset: ClockOffset
  readonly #clock: Clock
  readonly #network: Network
  readonly #random: Random
  readonly #trackers: TrackerList
  readonly #settings: RoomLinkSettings
  readonly #host: RoomLinkHost
  #link: Link | undefined
  #isUp = false
  /** Whether the tracker has let this member in over this link. */
  #isSettled = false
  #timer: Timer | undefined
  /** An attempt to reach a better tracker. */
  #probe: Link | undefined
  #probeTimer: Timer | undefined
  /** Whose clock `offset` tells of. */
  #clockOf: Address | undefined
  #nextToken = 0
  #pings = 0
  #heardMs = NaN
  /** When the questions that await their answer were asked, by token. */
  readonly #asked = new Map<number, number>()
  /** Attempts to open a link. */
  attempts = 0

  constructor(
    clock: Clock,
    network: Network,
    random: Random,
    trackers: readonly Address[],
    settings: RoomLinkSettings,
    host: RoomLinkHost,
  ) {
    this.#clock = clock
    this.#network = network
    this.#random = random
    this.#trackers = new TrackerList(trackers)
    this.#settings = settings
    this.#host = host
    this.offset = new ClockOffset(settings.clockWindow)
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** The tracker's clock now as estimated, milliseconds; NaN while nothing is known of it. */
  get trackerMs(): number {
    return this.#clock.nowMs() + this.offset.offsetMs
  }

  /** Time since the tracker last said something on this link; NaN before the first one. */
  get silentMs(): number {
    return this.#clock.nowMs() - this.#heardMs
  }

  /** The tracker that the link goes to. */
  get tracker(): Address {
    return this.#trackers.current
  }

  owns(link: Link): boolean {
    return link === this.#link || link === this.#probe
  }

  open(): void {
    this.attempts++
    this.#link = this.#network.connect(this.#trackers.choose(this.#clock.nowMs()))
    this.#rearm(this.#settings.connectTimeoutMs, () => this.#giveUp())
  }

  linkUp(link: Link): void {
    if (link === this.#probe) this.#moveTo(link)
    this.#isUp = true
    this.#isSettled = false
    this.#heardMs = this.#clock.nowMs()
    this.#pings = 0
    this.#asked.clear()
    if (this.#clockOf === this.tracker) this.offset.renew()
    else this.offset = new ClockOffset(this.#settings.clockWindow)
    this.#clockOf = this.tracker
    this.#ping()
    this.#host.opened()
  }

  linkDown(link: Link): void {
    if (link === this.#probe) return this.#endProbe()
    this.#link = undefined
    const wasUp = this.#isUp
    this.#isUp = false
    this.#retryLater()
    if (wasUp) this.#host.lost()
  }

  /** The tracker has let this member in: the next loss counts as the first one. */
  settled(): void {
    this.#isSettled = true
    this.#trackers.succeeded()
  }

  /** The tracker has said something. */
  heard(): void {
    this.#heardMs = this.#clock.nowMs()
  }

  pong({ token, clockMs }: ClockPong): void {
    const askedMs = this.#asked.get(token)
    if (askedMs === undefined) return
    this.#asked.delete(token)
    const before = this.offset.offsetMs
    this.offset.add(askedMs, clockMs, this.#clock.nowMs())
    if (this.offset.offsetMs !== before) this.#host.clockKnown()
  }

  /** False where there is no link now. */
  send(message: RoomMessage): boolean {
    if (!this.#link || !this.#isUp) return false
    this.#network.send(this.#link, message)
    return true
  }

  /** Ends the link for good. */
  close(): void {
    this.#clearTimer()
    this.#dropProbe()
    if (this.#link) this.#network.close(this.#link)
    this.#link = undefined
    this.#isUp = false
  }

  /** Forgets the link without a word. */
  stop(): void {
    this.#clearTimer()
    if (this.#probeTimer !== undefined) this.#clock.clearTimer(this.#probeTimer)
    this.#link = this.#probe = this.#probeTimer = undefined
    this.#isUp = false
  }

  #ping(): void {
    const { pingMs, firstPingMs, firstPings, silenceMs } = this.#settings
    if (this.silentMs > silenceMs) return this.#giveUp()
    const nowMs = this.#clock.nowMs()
    const token = this.#nextToken
    this.#nextToken = (token + 1) >>> 0
    if (this.#asked.size === MAX_QUESTIONS) this.#asked.delete(this.#asked.keys().next().value!)
    this.#asked.set(token, nowMs)
    this.send({ type: 'clock-ping', token })
    this.#tryBetter(nowMs)
    this.#rearm(++this.#pings < firstPings ? firstPingMs : pingMs, () => this.#ping())
  }

  /** The tracker can't be reached, or says nothing: the link is of no use any more. */
  #giveUp(): void {
    const link = this.#link!
    this.#network.close(link)
    this.linkDown(link)
  }

  /** A tracker that had let this member in is tried again before any other. */
  #retryLater(): void {
    this.#dropProbe()
    const pauseMs = this.#failed(this.tracker)
    const nowMs = this.#clock.nowMs()
    const waitMs = this.#isSettled
      ? pauseMs
      : Math.min(pauseMs, Math.max(0, this.#trackers.nextTryMs - nowMs))
    this.#isSettled = false
    this.#rearm(waitMs, () => this.open())
  }

  /** Exponential back-off, half of it drawn at random so that members don't come back in step (Brooker 2015, equal jitter). */
  #failed(tracker: Address): number {
    const { backoffMs, maxBackoffMs } = this.#settings
    const jitter = 0.5 + 0.5 * this.#random.next()
    return this.#trackers.failed(this.#clock.nowMs(), backoffMs, maxBackoffMs, jitter, tracker)
  }

  #tryBetter(nowMs: number): void {
    const better = this.#trackers.better(nowMs)
    if (better === undefined || this.#probe || !this.#isSettled) return
    this.attempts++
    this.#probe = this.#network.connect(better)
    this.#probeTimer = this.#clock.setTimer(this.#settings.connectTimeoutMs, () => {
      this.#network.close(this.#probe!)
      this.#endProbe()
    })
  }

  #endProbe(): void {
    const { remote } = this.#probe!
    this.#forgetProbe()
    this.#failed(remote)
  }

  #dropProbe(): void {
    if (this.#probe) this.#network.close(this.#probe)
    this.#forgetProbe()
  }

  #forgetProbe(): void {
    if (this.#probeTimer !== undefined) this.#clock.clearTimer(this.#probeTimer)
    this.#probe = this.#probeTimer = undefined
  }

  /** A better tracker is there: the link to it takes the place of the present one. */
  #moveTo(probe: Link): void {
    this.#forgetProbe()
    this.#host.leaves()
    this.#clearTimer()
    if (this.#link) this.#network.close(this.#link)
    this.#link = probe
    this.#trackers.use(probe.remote)
  }

  #rearm(delayMs: number, callback: () => void): void {
    this.#clearTimer()
    this.#timer = this.#clock.setTimer(delayMs, () => {
      this.#timer = undefined
      callback()
    })
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }
}
