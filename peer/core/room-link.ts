import type { ClockPong, RoomMessage } from '../protocol/room-messages.ts'
import type { Address } from '../protocol/ids.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Link, Network } from '../ports/network.ts'
import type { Random } from '../ports/random.ts'
import { ClockOffset } from './clock-offset.ts'
import type { RoomLinkSettings } from './room-options.ts'

const MAX_DOUBLINGS = 16
const MAX_QUESTIONS = 16

export interface RoomLinkHost {
  /** The link is ready: say hello. */
  opened(): void
  lost(): void
  /** There is a first or a better estimate of the tracker's clock. */
  clockKnown(): void
}

/** A member's link to its tracker: opened again with back-off when it is lost, and asked for the tracker's clock. */
export class RoomLink {
  readonly offset: ClockOffset
  readonly #clock: Clock
  readonly #network: Network
  readonly #random: Random
  readonly #tracker: Address
  readonly #settings: RoomLinkSettings
  readonly #host: RoomLinkHost
  #link: Link | undefined
  #isUp = false
  #failures = 0
  #timer: Timer | undefined
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
    tracker: Address,
    settings: RoomLinkSettings,
    host: RoomLinkHost,
  ) {
    this.#clock = clock
    this.#network = network
    this.#random = random
    this.#tracker = tracker
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

  owns(link: Link): boolean {
    return link === this.#link
  }

  open(): void {
    this.attempts++
    this.#link = this.#network.connect(this.#tracker)
    this.#rearm(this.#settings.connectTimeoutMs, () => this.#giveUp())
  }

  linkUp(): void {
    this.#isUp = true
    this.#heardMs = this.#clock.nowMs()
    this.#pings = 0
    this.#asked.clear()
    this.offset.renew()
    this.#ping()
    this.#host.opened()
  }

  linkDown(): void {
    this.#link = undefined
    const wasUp = this.#isUp
    this.#isUp = false
    this.#retryLater()
    if (wasUp) this.#host.lost()
  }

  /** The tracker has let this member in: the next loss counts as the first one. */
  settled(): void {
    this.#failures = 0
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
    if (this.#link) this.#network.close(this.#link)
    this.#link = undefined
    this.#isUp = false
  }

  /** Forgets the link without a word. */
  stop(): void {
    this.#clearTimer()
    this.#link = undefined
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
    this.#rearm(++this.#pings < firstPings ? firstPingMs : pingMs, () => this.#ping())
  }

  /** The tracker can't be reached, or says nothing: the link is of no use any more. */
  #giveUp(): void {
    if (this.#link) this.#network.close(this.#link)
    this.linkDown()
  }

  /** Exponential back-off, half of it drawn at random so that members don't come back in step (Brooker 2015, equal jitter). */
  #retryLater(): void {
    const { backoffMs, maxBackoffMs } = this.#settings
    const capMs = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(this.#failures++, MAX_DOUBLINGS))
    this.#rearm(capMs * (0.5 + 0.5 * this.#random.next()), () => this.open())
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
