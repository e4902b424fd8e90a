import type { Address } from '../../peer/protocol/ids.ts'
import type { RoomHead, RoomId, RoomTrack } from '../../peer/protocol/room-messages.ts'
import { headAt } from '../../peer/protocol/room-timeline.ts'
import type { Rooms } from '../../tracker/core/rooms.ts'
import type { Audit } from '../invariants.ts'
import type { RecoveryKind, RoomFigures } from './room-figures.ts'
import type { RoomNode } from './room-node.ts'

/** Positions that differ by less are the same. */
const SAME_MS = 1
/** The offset error is looked at in one sample of so many. */
const OFFSET_EVERY = 10
/** A member that has heard anything from the tracker so long after a change has heard of the change before. */
const NEWS_MS = 30_000

/** The room as it is, in true time. */
interface Truth {
  /** As the tracker has it. */
  readonly told: RoomHead
  /** The same with the simulated time for the tracker's. */
  readonly head: RoomHead
  readonly queue: readonly RoomTrack[]
}

interface Recovery {
  readonly kind: RecoveryKind
  readonly sinceMs: number
}

/** Looks at one room from outside: who hears what, and where the room really is. */
export class RoomWatch {
  readonly roomId: RoomId
  readonly members: RoomNode[] = []
  readonly #toleranceMs: number
  readonly #figures: RoomFigures
  readonly #audit: Audit
  readonly #roomsAt: (tracker: Address) => Rooms
  readonly #recovering = new Map<RoomNode, Recovery>()
  #truth: Truth | undefined
  /** Where most of the members are, or were last. */
  #tracker: Address | undefined
  #looks = 0

  constructor(
    roomId: RoomId,
    toleranceMs: number,
    figures: RoomFigures,
    audit: Audit,
    roomsAt: (tracker: Address) => Rooms,
  ) {
    this.roomId = roomId
    this.#toleranceMs = toleranceMs
    this.#figures = figures
    this.#audit = audit
    this.#roomsAt = roomsAt
  }

  /** A member has something to make good; what comes before it has done so is part of the same. */
  disturb(node: RoomNode, kind: RecoveryKind, sinceMs: number): void {
    if (!this.#recovering.has(node)) this.#recovering.set(node, { kind, sinceMs })
  }

  /** A member has a new link to the tracker; one that is in step all the same has nothing to make good. */
  reconnected(node: RoomNode, nowMs: number): void {
    const now = this.#truth && headAt(this.#truth.head, this.#truth.queue, nowMs)
    if (!now || !this.#isInStep(node, now)) this.disturb(node, 'reconnect', nowMs)
    else if (!this.#recovering.has(node)) this.#figures.recoverMs.reconnect.push(0)
  }

  /** A member has gone. */
  left(node: RoomNode): void {
    if (this.#recovering.delete(node)) this.#figures.unrecovered++
  }

  /** Compares what the members hear with where the room is. */
  look(nowMs: number): void {
    this.#looks++
    this.#learn(nowMs)
    this.#checkNews(nowMs)
    if (!this.#truth) return
    const now = headAt(this.#truth.head, this.#truth.queue, nowMs)
    if (this.#truth.head.isPlaying && nowMs < this.#truth.head.holdsAtMs) return
    let [least, most] = [Infinity, -Infinity]
    for (const node of this.members) {
      if (!node.isPresent) continue
      const driftMs = this.#lookAt(node, now, nowMs)
      if (this.#looks % OFFSET_EVERY === 0 && node.member.isJoined) this.#lookAtClock(node)
      if (Number.isNaN(driftMs)) continue
      least = Math.min(least, driftMs)
      most = Math.max(most, driftMs)
    }
    if (most > least) this.#figures.spreadMs.push(most - least)
  }

  /** Drift of a member that hears something while the room plays; NaN otherwise. */
  #lookAt(node: RoomNode, now: RoomHead, nowMs: number): number {
    const isInStep = this.#isInStep(node, now)
    const recovery = this.#recovering.get(node)
    if (recovery && isInStep) {
      this.#recovering.delete(node)
      this.#figures.recoverMs[recovery.kind].push(nowMs - recovery.sinceMs)
    }
    if (!now.isPlaying || !node.hasHeard) return NaN
    this.#figures.samples++
    if (isInStep) this.#figures.inStep++
    const driftMs = driftOf(node, now)
    if (node.stage.state !== 'sounding' || Number.isNaN(driftMs)) return NaN
    this.#figures.driftMs.push(Math.abs(driftMs))
    return driftMs
  }

  #isInStep(node: RoomNode, now: RoomHead): boolean {
    const isNear = Math.abs(driftOf(node, now)) <= (now.isPlaying ? this.#toleranceMs : SAME_MS)
    return isNear && (node.stage.state === 'sounding') === now.isPlaying
  }

  #lookAtClock({ member }: RoomNode): void {
    const errorMs = Math.abs(member.link.trackerMs - this.#roomsAt(member.link.tracker).nowMs)
    if (!Number.isNaN(errorMs)) this.#figures.offsetErrorMs.push(errorMs)
  }

  #learn(nowMs: number): void {
    const tracker = this.#placeOfMost() ?? this.#tracker
    if (tracker === undefined) return
    const rooms = this.#roomsAt(tracker)
    const room = rooms.get(this.roomId)
    if (!room) return
    const { head, queue, changedMs } = room
    const known = this.#truth
    const isElsewhere = tracker !== this.#tracker
    // Taken anew at every look: the tracker's clock may be wrong, and the room goes by it.
    const aheadMs = rooms.nowMs - nowMs
    this.#tracker = tracker
    this.#truth = { told: head, head: { ...head, holdsAtMs: head.holdsAtMs - aheadMs }, queue }
    if (!known || known.told === head || isElsewhere) return
    for (const node of this.members)
      if (node.isPresent && node.hasHeard) this.disturb(node, 'control', changedMs - aheadMs)
  }

  /** The tracker at which most members are now; undefined where none is anywhere. */
  #placeOfMost(): Address | undefined {
    const counts = new Map<Address, number>()
    for (const { isPresent, member } of this.members)
      if (isPresent && member.isJoined)
        counts.set(member.link.tracker, (counts.get(member.link.tracker) ?? 0) + 1)
    let best: Address | undefined
    for (const [tracker, count] of counts) if (best === undefined || count > counts.get(best)!) best = tracker
    return best
  }

  #checkNews(nowMs: number): void {
    for (const node of this.members) {
      const { member } = node
      if (!node.isPresent || !member.isJoined) continue
      const rooms = this.#roomsAt(member.link.tracker)
      const room = rooms.get(this.roomId)
      if (!room) continue
      const heardMs = nowMs - member.link.silentMs
      const changedMs = room.changedMs - (rooms.nowMs - nowMs)
      if (heardMs - changedMs < NEWS_MS) continue
      const { state } = member
      if (state?.epoch !== room.epoch || state.revision !== room.revision)
        this.#audit.violate(
          'connected members know the last revision of their room',
          `${node.plan.label} knows ${state?.revision} of ${this.roomId}, which is at ${room.revision}`,
        )
    }
  }
}

/** How far what a node hears, or heard last, is ahead of its room; NaN before it has gone anywhere. */
const driftOf = (node: RoomNode, now: RoomHead): number =>
  (node.member.playback.positionMs ?? NaN) - now.positionMs
