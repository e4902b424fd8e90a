import type { PeerId } from '../../peer/protocol/ids.ts'
import type { RoomControl, RoomHead, RoomId, RoomTrack } from '../../peer/protocol/room-messages.ts'
import { headAt, placeAt, queueMs, trackStartMs } from '../../peer/protocol/room-timeline.ts'
import type { Timer } from '../../peer/ports/clock.ts'
import type { Link } from '../../peer/ports/network.ts'

/** Somebody in a room. Without a link it is away and may come back until it expires. */
export interface RoomGuest {
  readonly memberId: PeerId
  link: Link | undefined
  heardMs: number
}

/** What a new room starts from. */
export interface RoomStart {
  readonly queue: readonly RoomTrack[]
  readonly positionMs: number
  readonly isPlaying: boolean
  readonly rate: number
}

/** People who listen together: who is there, who controls, what is played and where they are in it. */
export class Room {
  readonly roomId: RoomId
  readonly epoch: number
  /** In the order in which they came. */
  readonly guests = new Map<PeerId, RoomGuest>()
  queue: readonly RoomTrack[]
  head: RoomHead
  revision = 1
  /** When the last change came. */
  changedMs: number
  controllerId: PeerId
  /** When its members were last told of a change, and what will tell them of those since then. */
  toldMs = -Infinity
  newsTimer: Timer | undefined
  /** Whether the queue has changed since then. */
  hasNewTracks = false
  readonly #startLeadMs: number

  constructor(
    roomId: RoomId,
    epoch: number,
    controllerId: PeerId,
    { queue, positionMs, isPlaying, rate }: RoomStart,
    nowMs: number,
    startLeadMs: number,
  ) {
    this.roomId = roomId
    this.epoch = epoch
    this.controllerId = controllerId
    this.queue = queue
    this.#startLeadMs = startLeadMs
    this.changedMs = nowMs
    this.head = this.#headFrom(positionMs, isPlaying, rate, nowMs)
  }

  get size(): number {
    return this.guests.size
  }

  /** Changes the room as its controller says; false where that changes nothing. */
  control({ action, positionMs, rate, tracks }: RoomControl, nowMs: number, maxTracks: number): boolean {
    const now = headAt(this.head, this.queue, nowMs)
    switch (action) {
      case 'play':
        return this.#play(now, rate, nowMs)
      case 'pause':
        if (!this.head.isPlaying) return false
        return this.#change(this.#headFrom(positionMs, false, now.rate, nowMs), nowMs)
      case 'seek':
        return this.#change(this.#headFrom(positionMs, now.isPlaying, now.rate, nowMs), nowMs)
      case 'skip':
        return this.#skip(now, positionMs, nowMs)
      case 'enqueue': {
        const fitting = tracks.slice(0, Math.max(0, maxTracks - this.queue.length))
        if (fitting.length === 0) return false
        // What is over stays over; otherwise time that passed at the end would carry the room into the new tracks.
        this.#change(now, nowMs)
        this.queue = [...this.queue, ...fitting]
        return true
      }
    }
  }

  /** Gives the room to another member. */
  passTo(memberId: PeerId, nowMs: number): void {
    this.controllerId = memberId
    this.#change(this.head, nowMs)
  }

  /** A room that plays already goes on from where it is: nobody has to wait for a start. */
  #play(now: RoomHead, rate: number, nowMs: number): boolean {
    if (now.positionMs >= queueMs(this.queue)) return false
    if (now.isPlaying && now.rate === rate) return false
    const head = now.isPlaying ? { ...now, rate } : this.#headFrom(now.positionMs, true, rate, nowMs)
    return this.#change(head, nowMs)
  }

  /** On to the track behind the one that the controller heard, which the room may have left meanwhile. */
  #skip(now: RoomHead, positionMs: number, nowMs: number): boolean {
    const place = placeAt(this.queue, positionMs)
    if (!place) return false
    const nextMs = trackStartMs(this.queue, place.track + 1)
    const hasNext = place.track + 1 < this.queue.length
    return this.#change(this.#headFrom(nextMs, now.isPlaying && hasNext, now.rate, nowMs), nowMs)
  }

  #headFrom(positionMs: number, isPlaying: boolean, rate: number, nowMs: number): RoomHead {
    const endMs = queueMs(this.queue)
    const willPlay = isPlaying && positionMs < endMs
    return {
      holdsAtMs: willPlay ? nowMs + this.#startLeadMs : nowMs,
      positionMs: Math.min(positionMs, endMs),
      isPlaying: willPlay,
      rate,
    }
  }

  #change(head: RoomHead, nowMs: number): boolean {
    this.head = head
    this.revision++
    this.changedMs = nowMs
    return true
  }
}
