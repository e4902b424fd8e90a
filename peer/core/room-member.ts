import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { RoomControl, RoomHead, RoomQueue, RoomState, RoomTrack } from '../protocol/room-messages.ts'
import { headAt } from '../protocol/room-timeline.ts'
import type { Clock } from '../ports/clock.ts'
import type { Link, Network } from '../ports/network.ts'
import type { Random } from '../ports/random.ts'
import type { ClockOffset } from './clock-offset.ts'
import { RoomLink } from './room-link.ts'
import type { RoomOptions } from './room-options.ts'
import { RoomPlayback, type RoomView } from './room-playback.ts'
import type { RoomPlayer } from './room-player.ts'

export interface RoomPorts {
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
}

/** One member of a room: knows the room through its tracker, keeps its player in step, and controls it if it may. */
export class RoomMember {
  readonly playback: RoomPlayback
  readonly link: RoomLink
  readonly #clock: Clock
  readonly #options: RoomOptions
  #queue: readonly RoomTrack[]
  #state: RoomState | undefined
  /** Of the tracker that told the state: the one spoken to now may go by another clock. */
  #stateClock: ClockOffset
  /** Whether the room is known as the tracker knows it now. */
  isJoined = false
  /** States that were older than what was known already. */
  staleStates = 0

  constructor({ clock, network, random }: RoomPorts, player: RoomPlayer, options: RoomOptions) {
    const { link, sync } = options.settings
    this.#clock = clock
    this.#options = options
    this.#queue = options.queue
    this.link = new RoomLink(clock, network, random, options.trackers, link, {
      opened: () => this.#join(),
      leaves: () => {
        this.#sayGoodbye()
        this.#lost()
      },
      lost: () => this.#lost(),
      clockKnown: () => this.#clockKnown(),
    })
    this.#stateClock = this.link.offset
    this.playback = new RoomPlayback(clock, player, sync, {
      view: () => this.view,
      corrected: (kind, driftMs) => options.events?.corrected?.(kind, driftMs),
    })
  }

  /** The room as last heard of; undefined before that. */
  get view(): RoomView | undefined {
    if (!this.#state) return undefined
    const trackerMs = this.#clock.nowMs() + this.#stateClock.offsetMs
    return { head: this.#state, queue: this.#queue, trackerMs }
  }

  get state(): RoomState | undefined {
    return this.#state
  }

  get isController(): boolean {
    return this.#state?.controllerId === this.#options.memberId
  }

  owns(link: Link): boolean {
    return this.link.owns(link)
  }

  /** Joins the room, and stays in it as long as the tracker can be reached. */
  start(): void {
    this.link.open()
  }

  /** Leaves the room. */
  leave(): void {
    this.playback.stop()
    this.#sayGoodbye()
    this.link.close()
  }

  /** Stops without a word. */
  stop(): void {
    this.playback.stop()
    this.link.stop()
  }

  linkUp(link: Link): void {
    this.link.linkUp(link)
  }

  linkDown(link: Link): void {
    this.link.linkDown(link)
  }

  message(message: Exclude<Message, ChunkHeader>): void {
    this.link.heard()
    switch (message.type) {
      case 'room-queue':
        return this.#hearQueue(message)
      case 'room-state':
        return this.#hearState(message)
      case 'clock-pong':
        return this.link.pong(message)
      default:
        return
    }
  }

  /** Starts the room, or changes its speed; like all controls false where this member may not or can't now. */
  play(rate = 1): boolean {
    return this.#control({ action: 'play', rate })
  }

  /** Stops the room where this member hears it. */
  pause(): boolean {
    return this.#control({ action: 'pause' })
  }

  /** Takes the room to a position of its queue's time line. */
  seek(positionMs: number): boolean {
    return this.#control({ action: 'seek', positionMs })
  }

  /** Takes the room to the track behind the one that this member hears. */
  skip(): boolean {
    return this.#control({ action: 'skip' })
  }

  enqueue(tracks: readonly RoomTrack[]): boolean {
    return this.#control({ action: 'enqueue', tracks })
  }

  #control(control: Partial<RoomControl> & Pick<RoomControl, 'action'>): boolean {
    if (!this.isController || !this.isJoined) return false
    return this.link.send({
      type: 'room-control',
      roomId: this.#options.roomId,
      positionMs: this.playback.positionMs ?? this.#now()?.positionMs ?? 0,
      rate: 1,
      tracks: [],
      ...control,
    })
  }

  #sayGoodbye(): void {
    this.link.send({ type: 'room-leave', roomId: this.#options.roomId })
  }

  #lost(): void {
    this.isJoined = false
    this.#options.events?.lost?.()
  }

  #join(): void {
    const now = this.#now()
    this.link.send({
      type: 'room-join',
      roomId: this.#options.roomId,
      memberId: this.#options.memberId,
      queue: this.#queue,
      positionMs: now?.positionMs ?? 0,
      isPlaying: now?.isPlaying ?? false,
      rate: now?.rate ?? 1,
    })
  }

  /** Where the room is now as far as known. */
  #now(): RoomHead | undefined {
    const { view } = this
    return view && headAt(view.head, view.queue, view.trackerMs)
  }

  #hearQueue({ roomId, queue }: RoomQueue): void {
    if (roomId === this.#options.roomId) this.#queue = queue
  }

  #hearState(state: RoomState): void {
    if (state.roomId !== this.#options.roomId) return
    const known = this.#state
    if (known && known.epoch === state.epoch && state.revision < known.revision) this.staleStates++
    else {
      this.#state = state
      this.#stateClock = this.link.offset
      if (!known || hasMoved(known, state)) this.playback.follow()
      this.#options.events?.changed?.()
    }
    if (this.isJoined) return
    this.isJoined = true
    this.link.settled()
    this.#options.events?.joined?.()
  }

  /** The first estimate lets the playback begin; later ones count from the next check on. */
  #clockKnown(): void {
    if (this.#state && this.playback.positionMs === undefined) this.playback.follow()
  }
}

/** Whether the room is somewhere else than it would have come to by itself. */
const hasMoved = (a: RoomState, b: RoomState): boolean =>
  a.epoch !== b.epoch ||
  a.holdsAtMs !== b.holdsAtMs ||
  a.positionMs !== b.positionMs ||
  a.isPlaying !== b.isPlaying ||
  a.rate !== b.rate
