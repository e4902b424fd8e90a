import type { RoomHead, RoomTrack } from '../protocol/room-messages.ts'
import { headAt, placeAt, queueMs, trackStartMs } from '../protocol/room-timeline.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { CorrectionKind, RoomSyncSettings } from './room-options.ts'
import type { RoomPlayer } from './room-player.ts'

/** Less than this is no drift worth a wait. */
const LEAST_HOLD_MS = 5
/** Weight of a new wait in the mean wait for media after a jump. */
const WAIT_WEIGHT = 0.3

/** The room as a member knows it. */
export interface RoomView {
  readonly head: RoomHead
  readonly queue: readonly RoomTrack[]
  /** The tracker's clock as estimated; NaN while nothing is known of it. */
  readonly trackerMs: number
}

export interface RoomPlaybackHost {
  /** Undefined before the room is known. */
  view(): RoomView | undefined
  corrected(kind: CorrectionKind, driftMs: number): void
}

/** Keeps a player where its room is: takes it there, checks now and then, and corrects what has drifted. */
export class RoomPlayback {
  readonly #clock: Clock
  readonly #player: RoomPlayer
  readonly #settings: RoomSyncSettings
  readonly #host: RoomPlaybackHost
  #checkTimer: Timer | undefined
  /** Ends a wait for the room, or a correction by rate. */
  #endTimer: Timer | undefined
  /** Whether the wait for media under way is one after a jump to where none was. */
  #isAwaited = false
  #expectedStartMs: number

  constructor(clock: Clock, player: RoomPlayer, settings: RoomSyncSettings, host: RoomPlaybackHost) {
    this.#clock = clock
    this.#player = player
    this.#settings = settings
    this.#host = host
    this.#expectedStartMs = settings.expectedStartMs
  }

  /** Where the member is on the queue's time line, milliseconds; undefined where nothing is loaded. */
  get positionMs(): number | undefined {
    const view = this.#host.view()
    const { track, positionMs } = this.#player
    return view === undefined || track === undefined || track >= view.queue.length
      ? undefined
      : trackStartMs(view.queue, track) + positionMs
  }

  /** The room has changed: goes there, whatever the tolerance. */
  follow(): void {
    this.#checkTimer ??= this.#planCheck()
    const view = this.#known()
    if (!view) return
    this.#clearEnd()
    if (this.#player.rate !== view.head.rate) this.#player.setRate(view.head.rate)
    if (this.#rest(view)) return
    const driftMs = this.#player.state === 'ended' ? undefined : this.#driftMs(view)
    const { maxHoldMs, toleranceMs } = this.#settings
    if (driftMs === undefined || driftMs > maxHoldMs || driftMs < -toleranceMs) this.#jump(view)
    else if (driftMs > 0) this.#hold(driftMs, view)
    else this.#player.play()
  }

  /** The player sounds after a wait for media: what the wait has cost is made good. */
  sounds(waitedMs: number): void {
    if (this.#isAwaited) this.#expectedStartMs += WAIT_WEIGHT * (waitedMs - this.#expectedStartMs)
    const hadJumped = this.#isAwaited
    this.#isAwaited = false
    const view = this.#known()
    if (!view || this.#rest(view)) return
    const driftMs = this.#driftMs(view)
    if (driftMs === undefined) return
    if (driftMs > 0) {
      if (driftMs <= this.#settings.maxHoldMs) this.#hold(driftMs, view)
    } else if (hadJumped) this.#catchUp(driftMs, view)
    else this.#correct(driftMs, view)
  }

  /** The track has been heard to its end: on to the next one. */
  ended(): void {
    const view = this.#known()
    const { track } = this.#player
    if (!view || track === undefined) return
    const next = track + 1
    if (next < view.queue.length) this.#goTo(next, 0, view)
  }

  stop(): void {
    if (this.#checkTimer !== undefined) this.#clock.clearTimer(this.#checkTimer)
    this.#checkTimer = undefined
    this.#clearEnd()
  }

  #known(): RoomView | undefined {
    const view = this.#host.view()
    return view && !Number.isNaN(view.trackerMs) && view.queue.length > 0 ? view : undefined
  }

  #planCheck(): Timer {
    return this.#clock.setTimer(this.#settings.checkMs, () => {
      this.#checkTimer = this.#planCheck()
      this.#check()
    })
  }

  #check(): void {
    const view = this.#known()
    if (!view || this.#rest(view)) return
    this.#prepareNext(view)
    if (this.#endTimer !== undefined) return
    const driftMs = this.#driftMs(view)
    if (driftMs === undefined || this.#settings.correction === 'none') return
    if (this.#player.state === 'sounding') this.#correct(driftMs, view)
    else if (driftMs < -this.#settings.maxRateDriftMs) this.#correct(driftMs, view)
  }

  #correct(driftMs: number, view: RoomView): void {
    const { toleranceMs, correction, rateChange, maxRateDriftMs, maxHoldMs } = this.#settings
    if (Math.abs(driftMs) <= toleranceMs || correction === 'none') return
    const isSmall = Math.abs(driftMs) <= maxRateDriftMs
    if (correction === 'rate' && isSmall && this.#player.state === 'sounding') {
      const change = driftMs > 0 ? -rateChange : rateChange
      this.#player.setRate(view.head.rate * (1 + change))
      this.#endLater(Math.abs(driftMs) / (rateChange * view.head.rate), () =>
        this.#player.setRate(view.head.rate),
      )
      this.#host.corrected('rate', driftMs)
    } else if (driftMs > 0 && driftMs <= maxHoldMs) {
      this.#hold(driftMs, view)
      this.#host.corrected('hold', driftMs)
    } else {
      this.#jump(view)
      this.#host.corrected('jump', driftMs)
    }
  }

  /** A room that does not play is followed at once; true where there is nothing more to do. */
  #rest(view: RoomView): boolean {
    const { trackerMs, head, queue } = view
    const now = headAt(head, queue, trackerMs)
    if (now.isPlaying) return false
    this.#clearEnd()
    // A member that is a little behind hears the end of the last track all the same.
    const isFinishing = head.isPlaying && this.#player.state === 'sounding'
    if (isFinishing && now.positionMs - (this.positionMs ?? 0) <= this.#settings.maxHoldMs) return true
    this.#player.pause()
    if (this.positionMs !== now.positionMs && !(head.isPlaying && this.#player.state === 'ended'))
      this.#goToPosition(now.positionMs, false, view)
    return true
  }

  /** How far this member is ahead of a room that plays, before its start as well. */
  #driftMs(view: RoomView): number | undefined {
    const { positionMs } = this
    return positionMs === undefined ? undefined : positionMs - lineMs(view)
  }

  /** Waits until the room has come to where this member is. */
  #hold(driftMs: number, view: RoomView): void {
    if (driftMs < LEAST_HOLD_MS) return this.#player.play()
    this.#player.pause()
    this.#endLater(driftMs / view.head.rate, () => this.#player.play())
  }

  /** After a jump that took longer than expected: on to the room where there is media, but no wait for media again. */
  #catchUp(driftMs: number, view: RoomView): void {
    const { toleranceMs, correction, maxRateDriftMs } = this.#settings
    if (-driftMs <= toleranceMs) return
    if (this.#isReadyAt(lineMs(view), view)) {
      this.#goToPosition(lineMs(view), true, view)
      this.#host.corrected('jump', driftMs)
    } else if (correction === 'rate' && -driftMs <= maxRateDriftMs) this.#correct(driftMs, view)
  }

  /** Goes to where the room is, or will be when there is media: nobody catches up with a room by going to where it was. */
  #jump(view: RoomView): void {
    const { head, queue } = view
    const isReady = this.#isReadyAt(Math.max(head.positionMs, lineMs(view)), view)
    const leadMs = isReady ? 0 : Math.min(this.#expectedStartMs, this.#settings.maxLeadMs) * head.rate
    this.#isAwaited = !isReady
    this.#goToPosition(Math.min(Math.max(head.positionMs, lineMs(view) + leadMs), queueMs(queue)), true, view)
  }

  #isReadyAt(positionMs: number, { queue }: RoomView): boolean {
    const place = placeAt(queue, positionMs)!
    return this.#player.isReady(place.track, queue[place.track], place.positionMs)
  }

  #goToPosition(positionMs: number, isPlaying: boolean, view: RoomView): void {
    const place = placeAt(view.queue, positionMs)!
    this.#goTo(place.track, place.positionMs, view, isPlaying)
  }

  #goTo(track: number, positionMs: number, { queue, head }: RoomView, isPlaying = true): void {
    this.#clearEnd()
    this.#player.setRate(head.rate)
    this.#player.goTo(track, queue[track], positionMs, isPlaying)
  }

  #prepareNext({ queue }: RoomView): void {
    const { track, positionMs } = this.#player
    if (track === undefined || track + 1 >= queue.length) return
    if (queue[track].durationMs - positionMs <= this.#settings.prepareMs)
      this.#player.prepare(track + 1, queue[track + 1])
  }

  #endLater(delayMs: number, end: () => void): void {
    this.#clearEnd()
    this.#endTimer = this.#clock.setTimer(delayMs, () => {
      this.#endTimer = undefined
      end()
    })
  }

  #clearEnd(): void {
    if (this.#endTimer !== undefined) this.#clock.clearTimer(this.#endTimer)
    this.#endTimer = undefined
  }
}

/** Where the room is on its time line, as if it had played before it holds as well. */
const lineMs = ({ head, trackerMs }: RoomView): number =>
  head.positionMs + (trackerMs - head.holdsAtMs) * head.rate
