import type { Clock, Timer } from '../ports/clock.ts'
import type { ChunkDemand, ChunkRange } from './chunk-demand.ts'
import type { Player } from './player.ts'

export interface PlaybackSettings {
  /** How far ahead of the position the origin is asked, after a start or a seek and whenever the buffer runs low. */
  readonly originFirstMs: number
  /** Below so much media in the buffer the origin is asked again. */
  readonly emergencyMs: number
  /** Below so much, uploads pause, and the origin is asked for what other peers have not delivered yet. */
  readonly criticalMs: number
  /** How far ahead of the position other peers are asked; null: to the end. */
  readonly peersAheadMs: number | null
  readonly order: ChunkDemand['order']
  readonly originFetches: number
}

/**
 * The origin's share after Kreitz and Niemelä (IEEE P2P 2010): about 15 s ahead of the position from the server, the whole
 * track from peers in order, no uploads under 3 s.
 */
export const PLAYBACK_DEFAULTS: PlaybackSettings = {
  originFirstMs: 15_000,
  emergencyMs: 10_000,
  criticalMs: 3_000,
  peersAheadMs: null,
  order: 'in-order',
  originFetches: 4,
}

/** `off`: nothing is wanted; `peers`: what other peers can give, without haste; `all`: from the origin too. */
export type Urgency = 'off' | 'peers' | 'all'

const NONE: ChunkRange = { start: 0, end: 0 }
/** The demand is not looked at again sooner than this by itself. */
const LEAST_PAUSE_MS = 100

/** What a player needs from the network: in order around its position, from the origin where it is urgent. */
export class PlaybackDemand implements ChunkDemand {
  readonly #clock: Clock
  readonly #player: Player
  readonly #settings: PlaybackSettings
  readonly #changed: () => void
  #urgency: Urgency
  /** Media time up to which the origin is asked. */
  #originUntilMs = 0
  #timer: Timer | undefined

  /** `changed` is called when the demand has changed; not from inside the constructor. */
  constructor(
    clock: Clock,
    player: Player,
    settings: PlaybackSettings,
    changed: () => void,
    urgency: Urgency = 'all',
  ) {
    this.#clock = clock
    this.#player = player
    this.#settings = settings
    this.#changed = changed
    this.#urgency = urgency
    player.listen(() => this.#change())
    this.#plan()
  }

  get urgency(): Urgency {
    return this.#urgency
  }

  set urgency(urgency: Urgency) {
    if (urgency === this.#urgency) return
    this.#urgency = urgency
    this.#change()
  }

  get order(): ChunkDemand['order'] {
    return this.#settings.order
  }

  get originFetches(): number {
    return this.#settings.originFetches
  }

  get wantsPeers(): boolean {
    return this.#urgency !== 'off' && !this.#isWhole
  }

  get window(): ChunkRange {
    const { timeline, firstMissing, positionMs } = this.#player
    if (!this.wantsPeers) return NONE
    const { peersAheadMs } = this.#settings
    const end = peersAheadMs === null ? timeline.chunkCount : timeline.endAt(positionMs + peersAheadMs)
    return { start: firstMissing, end: Math.max(firstMissing, end) }
  }

  get urgent(): ChunkRange {
    if (this.#urgency !== 'all' || this.#isWhole) return NONE
    const { timeline, firstMissing, positionMs, bufferedMs } = this.#player
    const { emergencyMs, originFirstMs } = this.#settings
    if (bufferedMs < emergencyMs) this.#originUntilMs = positionMs + originFirstMs
    const untilMs = Math.min(this.#originUntilMs, positionMs + originFirstMs)
    return { start: firstMissing, end: Math.max(firstMissing, timeline.endAt(untilMs)) }
  }

  get rescues(): boolean {
    return this.#isCritical
  }

  get pausesUploads(): boolean {
    return this.#isCritical
  }

  deadlineMs(chunk: number): number {
    const { state, timeline, positionMs, rate } = this.#player
    if (state === 'paused' || state === 'ended') return NaN
    return this.#clock.nowMs() + Math.max(0, timeline.startMs(chunk) - positionMs) / rate
  }

  /** Wants nothing any more. */
  stop(): void {
    this.#urgency = 'off'
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  /** Whether nothing is missing from the position on. */
  get #isWhole(): boolean {
    const { firstMissing, timeline } = this.#player
    return firstMissing === timeline.chunkCount
  }

  get #isCritical(): boolean {
    const { state, bufferedMs } = this.#player
    const isHeard = state === 'sounding' || state === 'waiting'
    return isHeard && this.#urgency === 'all' && !this.#isWhole && bufferedMs < this.#settings.criticalMs
  }

  #change(): void {
    this.#plan()
    this.#changed()
  }

  /** Looks again when the passing of time alone makes another chunk wanted or the buffer low. */
  #plan(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
    if (this.#player.state !== 'sounding' || !this.wantsPeers) return
    const delayMs = this.#nextChangeMs() / this.#player.rate
    if (delayMs < Infinity)
      this.#timer = this.#clock.setTimer(Math.max(LEAST_PAUSE_MS, delayMs), () => this.#change())
  }

  /** Media time until the next such moment. */
  #nextChangeMs(): number {
    const { timeline, bufferedMs, positionMs } = this.#player
    const { emergencyMs, criticalMs, peersAheadMs } = this.#settings
    const soonest = (...delaysMs: number[]): number => Math.min(...delaysMs.filter((ms) => ms >= 0), Infinity)
    const { end } = this.window
    const growsMs =
      peersAheadMs === null || end >= timeline.chunkCount
        ? Infinity
        : timeline.startMs(end) - positionMs - peersAheadMs
    const originMs = bufferedMs < emergencyMs ? timeline.startMs(this.urgent.end) - positionMs : Infinity
    return soonest(
      bufferedMs - emergencyMs,
      bufferedMs - criticalMs,
      growsMs,
      originMs - this.#settings.originFirstMs,
    )
  }
}
