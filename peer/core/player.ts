import type { ChunkSet } from '../protocol/chunk-set.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { MediaTimeline } from './media.ts'

export interface PlayerSettings {
  /** Media that has to be there before the first sound, and before the first one after a seek, milliseconds. */
  readonly startBufferMs: number
  /** Media that has to be there before the sound goes on after a stall or a pause, milliseconds. */
  readonly resumeBufferMs: number
}

export const PLAYER_DEFAULTS: PlayerSettings = { startBufferMs: 1_000, resumeBufferMs: 3_000 }

/** Why a player that should sound waits: for its first sound, after a seek, a pause, or because it has run dry. */
export type WaitReason = 'start' | 'seek' | 'resume' | 'stall'
/** `paused`: nobody wants it to sound; `waiting`: for media. */
export type PlayerState = 'paused' | 'waiting' | 'sounding' | 'ended'

export interface PlayerEvents {
  /** The sound begins, or goes on, after so long a wait. */
  sounds?(reason: WaitReason, waitedMs: number): void
  /** The chunk at the position is missing. */
  stalled?(): void
  /** The end of the content has been heard. */
  ended?(): void
}

/**
 * The media clock of one content: moves on while there is media to hear, waits where there is none. It is told of
 * chunks by `chunkKept`, and looks at no clock but its port.
 */
export class Player {
  readonly timeline: MediaTimeline
  readonly #clock: Clock
  readonly #have: ChunkSet
  readonly #settings: PlayerSettings
  readonly #events: PlayerEvents
  readonly #listeners: (() => void)[] = []
  #state: PlayerState = 'paused'
  #rate = 1
  /** The position at `#anchorMs`; it has moved on since then only while sounding. */
  #anchorPositionMs = 0
  #anchorMs: number
  /** First chunk from the position on that is missing. */
  #runEnd = 0
  #timer: Timer | undefined
  #waitReason: WaitReason = 'start'
  #waitSinceMs = NaN
  #stallMs = 0
  #heardMs = 0
  /** How often the sound has broken off for want of media. */
  stalls = 0
  /** From `play` to the first sound, milliseconds; NaN before it. */
  startLatencyMs = NaN

  constructor(
    clock: Clock,
    timeline: MediaTimeline,
    have: ChunkSet,
    settings: PlayerSettings,
    events: PlayerEvents = {},
  ) {
    this.#clock = clock
    this.timeline = timeline
    this.#have = have
    this.#settings = settings
    this.#events = events
    this.#anchorMs = clock.nowMs()
    this.#extendRun()
  }

  get state(): PlayerState {
    return this.#state
  }

  /** Media time now; never beyond what is there. */
  get positionMs(): number {
    if (this.#state !== 'sounding') return this.#anchorPositionMs
    const elapsedMs = this.#clock.nowMs() - this.#anchorMs
    return Math.min(this.#anchorPositionMs + this.#rate * elapsedMs, this.bufferedUntilMs)
  }

  /** First chunk from the position on that is missing; the number of chunks where none is. */
  get firstMissing(): number {
    return this.#runEnd
  }

  /** Media time up to which there is media without a gap, seen from the position. */
  get bufferedUntilMs(): number {
    return this.timeline.startMs(this.#runEnd)
  }

  get bufferedMs(): number {
    return Math.max(0, this.bufferedUntilMs - this.positionMs)
  }

  /** Media time per time of the clock. */
  get rate(): number {
    return this.#rate
  }

  /** Time spent in stalls, the present one included, milliseconds. */
  get stallMs(): number {
    const isStalled = this.#state === 'waiting' && this.#waitReason === 'stall'
    return this.#stallMs + (isStalled ? this.#clock.nowMs() - this.#waitSinceMs : 0)
  }

  /** Time that there was sound, milliseconds of the clock. */
  get heardMs(): number {
    return this.#heardMs + (this.#state === 'sounding' ? this.#clock.nowMs() - this.#anchorMs : 0)
  }

  /** Calls back after every change that the course of time does not make by itself. */
  listen(changed: () => void): void {
    this.#listeners.push(changed)
  }

  /** Wants sound from now on; harmless where it is wanted already or the end has been heard. */
  play(): void {
    if (this.#state !== 'paused') return
    this.#wait(Number.isNaN(this.startLatencyMs) ? 'start' : 'resume')
  }

  /** Wants no sound from now on. */
  pause(): void {
    if (this.#state === 'sounding' || this.#state === 'waiting') this.#settle('paused')
    this.#changed()
  }

  /** Goes to a media time, cut to the content's; sounds there as soon as it can if sound is wanted. */
  seek(positionMs: number): void {
    const wanted = this.#state === 'sounding' || this.#state === 'waiting'
    this.#settle('paused')
    this.#anchorPositionMs = Math.max(0, Math.min(positionMs, this.timeline.durationMs))
    this.#runEnd = this.timeline.chunkAt(this.#anchorPositionMs)
    this.#extendRun()
    if (wanted) this.#wait(this.#waitReason === 'start' ? 'start' : 'seek')
    else this.#changed()
  }

  /** Sets the speed, above 0: 1 is as recorded. */
  setRate(rate: number): void {
    if (!(rate > 0 && rate < Infinity))
      throw new RangeError(`invalid rate: ${rate} (a number above 0 expected)`)
    this.#anchor()
    this.#rate = rate
    if (this.#state === 'sounding') this.#planRunEnd()
    this.#changed()
  }

  /** A chunk has come to be in the set that this player plays from. */
  chunkKept(chunk: number): void {
    if (chunk !== this.#runEnd) return
    this.#extendRun()
    if (this.#state === 'waiting') this.#soundIfReady()
  }

  /** Nothing sounds any more; figures stay as they are. */
  stop(): void {
    this.#settle('ended')
  }

  #extendRun(): void {
    const { chunkCount } = this.timeline
    while (this.#runEnd < chunkCount && this.#have.has(this.#runEnd)) this.#runEnd++
  }

  #wait(reason: WaitReason): void {
    this.#state = 'waiting'
    this.#waitReason = reason
    this.#waitSinceMs = this.#clock.nowMs()
    if (!this.#soundIfReady()) this.#changed()
  }

  #soundIfReady(): boolean {
    const { startBufferMs, resumeBufferMs } = this.#settings
    const isFresh = this.#waitReason === 'start' || this.#waitReason === 'seek'
    const leftMs = this.bufferedUntilMs - this.#anchorPositionMs
    const isWhole = this.#runEnd === this.timeline.chunkCount
    if (!isWhole && !(leftMs > 0 && leftMs >= (isFresh ? startBufferMs : resumeBufferMs))) return false
    const reason = this.#waitReason
    const waitedMs = this.#clock.nowMs() - this.#waitSinceMs
    this.#settle('sounding')
    if (reason === 'start') this.startLatencyMs = waitedMs
    this.#waitReason = 'resume'
    this.#planRunEnd()
    this.#events.sounds?.(reason, waitedMs)
    this.#changed()
    return true
  }

  /** Takes the position where it is now and enters another state. */
  #settle(next: PlayerState): void {
    this.#anchor()
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
    this.#stallMs = this.stallMs
    this.#state = next
  }

  #anchor(): void {
    const positionMs = this.positionMs
    this.#heardMs = this.heardMs
    this.#anchorPositionMs = positionMs
    this.#anchorMs = this.#clock.nowMs()
  }

  /** The run may have grown by then: only the time of its end as known now is planned. */
  #planRunEnd(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    const untilMs = this.bufferedUntilMs
    const leftMs = Math.max(0, untilMs - this.#anchorPositionMs) / this.#rate
    const delayMs = Math.max(0, this.#anchorMs + leftMs - this.#clock.nowMs())
    this.#timer = this.#clock.setTimer(delayMs, () => this.#reached(untilMs))
  }

  #reached(untilMs: number): void {
    this.#timer = undefined
    if (untilMs < this.bufferedUntilMs) return this.#planRunEnd()
    this.#settle('paused')
    this.#anchorPositionMs = untilMs
    if (this.#runEnd === this.timeline.chunkCount) {
      this.#state = 'ended'
      this.#events.ended?.()
      return this.#changed()
    }
    this.stalls++
    this.#wait('stall')
    this.#events.stalled?.()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
