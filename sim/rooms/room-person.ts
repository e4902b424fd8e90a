import { placeAt, trackStartMs } from '../../peer/protocol/room-timeline.ts'
import type { Random } from '../../peer/ports/random.ts'
import { exponential } from '../churn.ts'
import type { Kernel } from '../kernel.ts'
import type { ControlHabits } from './config.ts'
import type { RoomNode } from './room-node.ts'

/** A room is started so long after the first member has come; and a controller is looked for again after so long. */
const START_MS = 3_000
const AGAIN_MS = 1_000

export interface RoomPersonHost {
  /** The node at which the room can be controlled now. */
  controller(): RoomNode | undefined
  /** Something has been done. */
  controlled(): void
}

/** Who sits at the controlling member, whichever that is: starts the room, pauses, seeks and skips now and then. */
export class RoomPerson {
  readonly #kernel: Kernel
  readonly #random: Random
  readonly #habits: ControlHabits
  readonly #untilMs: number
  readonly #host: RoomPersonHost
  #isPausing = false

  constructor(kernel: Kernel, random: Random, habits: ControlHabits, untilMs: number, host: RoomPersonHost) {
    this.#kernel = kernel
    this.#random = random
    this.#habits = habits
    this.#untilMs = untilMs
    this.#host = host
  }

  start(): void {
    const { pauseEveryS, seekEveryS, skipEveryS } = this.#habits
    this.#after(START_MS, () => this.#begin())
    this.#nowAndThen('pause', pauseEveryS, (node, random) => this.#pause(node, random))
    this.#nowAndThen('seek', seekEveryS, (node, random) => this.#seek(node, random))
    this.#nowAndThen('skip', skipEveryS, (node) => node.member.skip())
  }

  #begin(): void {
    if (this.#do('play', (node) => node.member.play())) return
    this.#after(AGAIN_MS, () => this.#begin())
  }

  #pause(node: RoomNode, random: Random): boolean {
    if (!node.member.pause()) return false
    this.#isPausing = true
    this.#after(1000 * exponential(this.#habits.pauseForS, random.next()), () => this.#resume())
    return true
  }

  #resume(): void {
    if (this.#do('play', (node) => node.member.play())) this.#isPausing = false
    else this.#after(AGAIN_MS, () => this.#resume())
  }

  /** Somewhere in the track; from the start where the queue has come to its end. */
  #seek(node: RoomNode, random: Random): boolean {
    const { view, playback } = node.member
    const share = random.next()
    const place = view && placeAt(view.queue, playback.positionMs ?? 0)
    if (!place) return false
    const { durationMs } = view.queue[place.track]
    if (place.track === view.queue.length - 1 && place.positionMs >= durationMs)
      return node.member.seek(0) && node.member.play()
    return node.member.seek(trackStartMs(view.queue, place.track) + share * durationMs)
  }

  #nowAndThen(what: string, everyS: number | null, act: (node: RoomNode, random: Random) => boolean): void {
    if (everyS === null) return
    const random = this.#random.fork(what)
    const next = (): void =>
      this.#after(1000 * exponential(everyS, random.next()), () => {
        if (!this.#isPausing) this.#do(what, (node) => act(node, random))
        next()
      })
    next()
  }

  #do(what: string, act: (node: RoomNode) => boolean): boolean {
    const node = this.#host.controller()
    if (!node || !act(node)) return false
    node.acts(what)
    this.#host.controlled()
    return true
  }

  #after(delayMs: number, then: () => void): void {
    if (this.#kernel.nowMs + delayMs < this.#untilMs) this.#kernel.schedule(delayMs, then)
  }
}
