import type { RoomHead, RoomId, RoomTrack } from '../../peer/protocol/room-messages.ts'
import { headAt } from '../../peer/protocol/room-timeline.ts'
import type { Room } from '../../tracker/core/room.ts'
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
  readonly #recovering = new Map<RoomNode, Recovery>()
  #truth: Truth | undefined
  #changedMs = 0
  #looks = 0

  constructor(roomId: RoomId, toleranceMs: number, figures: RoomFigures, audit: Audit) {
    this.roomId = roomId
    this.#toleranceMs = toleranceMs
    this.#figures = figures
    this.#audit = audit
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
  look(rooms: Rooms, nowMs: number): void {
    this.#looks++
    const room = rooms.get(this.roomId)
    if (room) {
      this.#learn(room, rooms.nowMs, nowMs)
      this.#checkNews(room, nowMs)
    }
    if (!this.#truth) return
    const now = headAt(this.#truth.head, this.#truth.queue, nowMs)
    if (this.#truth.head.isPlaying && nowMs < this.#truth.head.holdsAtMs) return
    let [least, most] = [Infinity, -Infinity]
    for (const node of this.members) {
      if (!node.isPresent) continue
      const driftMs = this.#lookAt(node, now, nowMs)
      if (room && this.#looks % OFFSET_EVERY === 0) this.#lookAtClock(node, rooms.nowMs)
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

  #lookAtClock(node: RoomNode, trackerMs: number): void {
    const errorMs = Math.abs(node.member.link.trackerMs - trackerMs)
    if (!Number.isNaN(errorMs)) this.#figures.offsetErrorMs.push(errorMs)
  }

  #learn({ head, queue, changedMs }: Room, trackerMs: number, nowMs: number): void {
    const known = this.#truth
    // Taken anew at every look: the tracker's clock may be wrong, and the room goes by it.
    const aheadMs = trackerMs - nowMs
    this.#truth = { told: head, head: { ...head, holdsAtMs: head.holdsAtMs - aheadMs }, queue }
    this.#changedMs = changedMs - aheadMs
    if (!known || known.told === head) return
    for (const node of this.members)
      if (node.isPresent && node.hasHeard) this.disturb(node, 'control', this.#changedMs)
  }

  #checkNews(room: Room, nowMs: number): void {
    for (const node of this.members) {
      const { member } = node
      const heardMs = nowMs - member.link.silentMs
      if (!node.isPresent || !member.isJoined || heardMs - this.#changedMs < NEWS_MS) continue
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
