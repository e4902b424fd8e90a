import type {
  ClockPing,
  RoomControl,
  RoomId,
  RoomJoin,
  RoomLeave,
} from '../../peer/protocol/room-messages.ts'
import type { Clock, Timer } from '../../peer/ports/clock.ts'
import type { Link, Network } from '../../peer/ports/network.ts'
import type { Random } from '../../peer/ports/random.ts'
import type { RoomsSettings } from './room-options.ts'
import { Room, type RoomGuest } from './room.ts'

/** What is said to a tracker about rooms. */
export type RoomRequest = RoomJoin | RoomControl | RoomLeave | ClockPing

/** How often silent members are looked for, as a share of the time after which they expire. */
const SWEEP_SHARE = 1 / 3
const EPOCHS = 2 ** 32

/** What a link of a member stands for; a link has a seat in one room at most. */
class Seat {
  readonly room: Room
  readonly guest: RoomGuest

  constructor(room: Room, guest: RoomGuest) {
    this.room = room
    this.guest = guest
  }
}

/** The rooms of a tracker. A room is there while somebody is in it; state is soft: silent members expire. */
export class Rooms {
  readonly #clock: Clock
  readonly #network: Network
  readonly #random: Random
  readonly #settings: RoomsSettings
  readonly #rooms = new Map<RoomId, Room>()
  #sweepTimer: Timer | undefined
  /** Controls of members that do not control. */
  refusedControls = 0

  constructor(clock: Clock, network: Network, random: Random, settings: RoomsSettings) {
    this.#clock = clock
    this.#network = network
    this.#random = random
    this.#settings = settings
  }

  /** The clock that the rooms go by. */
  get nowMs(): number {
    return this.#clock.nowMs()
  }

  /** The rooms, in the order in which they appeared. */
  all(): Iterable<Room> {
    return this.#rooms.values()
  }

  get(roomId: RoomId): Room | undefined {
    return this.#rooms.get(roomId)
  }

  message(link: Link, message: RoomRequest): void {
    const seat = link.context
    if (seat instanceof Seat) seat.guest.heardMs = this.#clock.nowMs()
    switch (message.type) {
      case 'room-join':
        return this.#join(link, message)
      case 'room-control':
        return this.#control(link, message)
      case 'room-leave':
        return this.#leave(link, message)
      case 'clock-ping':
        return this.#tellTime(link, message)
    }
  }

  /** A member that has lost its link is away until it comes back or expires. */
  linkDown(link: Link): void {
    if (link.context instanceof Seat) link.context.guest.link = undefined
  }

  stop(): void {
    for (const { newsTimer } of this.#rooms.values())
      if (newsTimer !== undefined) this.#clock.clearTimer(newsTimer)
    if (this.#sweepTimer !== undefined) this.#clock.clearTimer(this.#sweepTimer)
    this.#sweepTimer = undefined
  }

  #join(link: Link, join: RoomJoin): void {
    const seat = link.context
    if (seat instanceof Seat && (seat.room.roomId !== join.roomId || seat.guest.memberId !== join.memberId))
      this.#remove(seat.room, seat.guest)
    const room = this.#rooms.get(join.roomId) ?? this.#open(join)
    const guest = room && this.#welcome(room, join)
    if (!room || !guest) return this.#network.close(link)
    if (guest.link && guest.link !== link) {
      guest.link.context = undefined
      this.#network.close(guest.link)
    }
    guest.link = link
    guest.heardMs = this.#clock.nowMs()
    link.context = new Seat(room, guest)
    this.#sendQueue(room, link)
    this.#sendState(room, link)
  }

  /** A room that is not there is made, from what its first member remembers of it. */
  #open({ roomId, memberId, queue, ...start }: RoomJoin): Room | undefined {
    const { maxRooms, maxTracks, startLeadMs } = this.#settings
    if (this.#rooms.size >= maxRooms) return undefined
    const epoch = this.#random.below(EPOCHS)
    const kept = { ...start, queue: queue.slice(0, maxTracks) }
    const room = new Room(roomId, epoch, memberId, kept, this.#clock.nowMs(), startLeadMs)
    this.#rooms.set(roomId, room)
    this.#sweepTimer ??= this.#planSweep()
    return room
  }

  #welcome(room: Room, { memberId }: RoomJoin): RoomGuest | undefined {
    const known = room.guests.get(memberId)
    if (known) return known
    if (room.size >= this.#settings.maxMembersPerRoom) return undefined
    const guest: RoomGuest = { memberId, link: undefined, heardMs: this.#clock.nowMs() }
    room.guests.set(memberId, guest)
    return guest
  }

  #control(link: Link, message: RoomControl): void {
    const seat = link.context
    if (!(seat instanceof Seat) || seat.room.roomId !== message.roomId) return
    const { room, guest } = seat
    if (room.controllerId !== guest.memberId) {
      this.refusedControls++
      return
    }
    if (!room.control(message, this.#clock.nowMs(), this.#settings.maxTracks)) return
    room.hasNewTracks ||= message.action === 'enqueue'
    this.#tellAll(room)
  }

  /** Tells a room's members of a change; soon, where they have just been told of another one. */
  #tellAll(room: Room): void {
    if (room.newsTimer !== undefined) return
    const waitMs = room.toldMs + this.#settings.newsGapMs - this.#clock.nowMs()
    if (waitMs > 0)
      room.newsTimer = this.#clock.setTimer(waitMs, () => {
        room.newsTimer = undefined
        this.#tellNow(room)
      })
    else this.#tellNow(room)
  }

  #tellNow(room: Room): void {
    room.toldMs = this.#clock.nowMs()
    for (const { link } of room.guests.values())
      if (link) {
        if (room.hasNewTracks) this.#sendQueue(room, link)
        this.#sendState(room, link)
      }
    room.hasNewTracks = false
  }

  #leave(link: Link, { roomId }: RoomLeave): void {
    const seat = link.context
    if (!(seat instanceof Seat) || seat.room.roomId !== roomId) return
    this.#remove(seat.room, seat.guest)
  }

  /** Takes a member out. The longest-present of the others takes over from it; a room without members is gone. */
  #remove(room: Room, guest: RoomGuest): void {
    if (!room.guests.delete(guest.memberId)) return
    if (guest.link) guest.link.context = undefined
    guest.link = undefined
    const [heir] = room.guests.keys()
    if (heir === undefined) {
      this.#rooms.delete(room.roomId)
      if (room.newsTimer !== undefined) this.#clock.clearTimer(room.newsTimer)
      if (this.#rooms.size === 0) this.stop()
    } else if (room.controllerId === guest.memberId) {
      room.passTo(heir, this.#clock.nowMs())
      this.#tellAll(room)
    }
  }

  #planSweep(): Timer {
    return this.#clock.setTimer(this.#settings.expiryMs * SWEEP_SHARE, () => {
      this.#sweepTimer = this.#planSweep()
      const sinceMs = this.#clock.nowMs() - this.#settings.expiryMs
      for (const room of this.#rooms.values())
        for (const guest of room.guests.values()) if (guest.heardMs < sinceMs) this.#expire(room, guest)
    })
  }

  #expire(room: Room, guest: RoomGuest): void {
    const { link } = guest
    this.#remove(room, guest)
    if (link) this.#network.close(link)
  }

  #tellTime(link: Link, { token }: ClockPing): void {
    this.#network.send(link, { type: 'clock-pong', token, clockMs: this.#clock.nowMs() })
  }

  #sendQueue({ roomId, queue }: Room, link: Link): void {
    this.#network.send(link, { type: 'room-queue', roomId, queue })
  }

  #sendState({ roomId, epoch, revision, controllerId, head }: Room, link: Link): void {
    this.#network.send(link, { type: 'room-state', roomId, epoch, revision, controllerId, ...head })
  }
}
