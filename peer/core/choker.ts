import type { Clock, Timer } from '../ports/clock.ts'
import type { Network } from '../ports/network.ts'
import type { Neighbour } from './neighbour.ts'
import type { NeighbourTable } from './neighbour-table.ts'
import type { PeerSettings } from './options.ts'
import type { Uploader } from './uploader.ts'
import { removeFrom } from './remove-from.ts'

/** Share of the unchoked that gives way in one round, at least one. */
const ROTATION = 0.25

/** Decides whose requests are taken: all that are interested while there is room, by turns where there is not. */
export class Choker {
  readonly #clock: Clock
  readonly #network: Network
  readonly #settings: PeerSettings
  readonly #uploader: Uploader
  readonly #neighbours: NeighbourTable
  #unchoked = 0
  /** How often somebody has been unchoked. */
  #turns = 0
  #waiting: Neighbour[] = []
  #isIndifferent = false
  #timer: Timer | undefined

  constructor(
    clock: Clock,
    network: Network,
    settings: PeerSettings,
    uploader: Uploader,
    neighbours: NeighbourTable,
  ) {
    this.#clock = clock
    this.#network = network
    this.#settings = settings
    this.#uploader = uploader
    this.#neighbours = neighbours
  }

  /** Whether its owner does nothing where a neighbour loses interest. */
  set isIndifferent(value: boolean) {
    this.#isIndifferent = value
    this.#tellPatience()
  }

  interest(neighbour: Neighbour, interested: boolean): void {
    if (neighbour.interested === interested) return
    neighbour.interested = interested
    if (!interested) {
      if (neighbour.choked) this.#waitsNoMore(neighbour)
      else if (this.#waiting.length > 0) {
        this.#choke(neighbour)
        this.#fill()
      }
    } else if (neighbour.choked) {
      // Nobody waits while there is room.
      if (this.#unchoked < this.#settings.maxUnchoked) return this.#unchoke(neighbour)
      this.#waiting.push(neighbour)
      this.#planRound()
    }
  }

  forget(neighbour: Neighbour): void {
    if (neighbour.choked) return this.#waitsNoMore(neighbour)
    this.#unchoked--
    this.#fill()
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
    this.#waiting = []
    this.#unchoked = 0
    this.isIndifferent = false
  }

  #waitsNoMore(neighbour: Neighbour): void {
    removeFrom(this.#waiting, neighbour)
    this.#tellPatience()
  }

  #fill(): void {
    while (this.#waiting.length > 0 && this.#unchoked < this.#settings.maxUnchoked)
      this.#unchoke(this.#waiting.shift()!)
    this.#planRound()
  }

  #tellPatience(): void {
    this.#network.interestCanWait = this.#isIndifferent && this.#waiting.length === 0
  }

  #planRound(): void {
    this.#tellPatience()
    const { maxUnchoked, chokeRoundMs } = this.#settings
    if (this.#waiting.length > 0 && maxUnchoked > 0)
      this.#timer ??= this.#clock.setTimer(chokeRoundMs, () => this.#round())
  }

  /** Those unchoked longest give way to those who wait; a transfer under way is not disturbed. */
  #round(): void {
    this.#timer = undefined
    let places = Math.min(
      this.#waiting.length,
      Math.max(1, Math.floor(this.#settings.maxUnchoked * ROTATION)),
    )
    for (const neighbour of this.#byTurns()) {
      if (places === 0) break
      if (this.#uploader.isServing(neighbour)) continue
      this.#choke(neighbour)
      if (neighbour.interested) this.#waiting.push(neighbour)
      places--
    }
    this.#fill()
  }

  /** Those unchoked, the longest first. */
  #byTurns(): Neighbour[] {
    const unchoked = this.#neighbours.rows
      .map((row) => this.#neighbours.neighbour(row))
      .filter(({ choked }) => !choked)
    return unchoked.sort((a, b) => a.turn - b.turn)
  }

  #choke(neighbour: Neighbour): void {
    neighbour.choked = true
    this.#unchoked--
    this.#uploader.dropQueued(neighbour)
    this.#network.send(neighbour.link, { type: 'choke' })
  }

  #unchoke(neighbour: Neighbour): void {
    neighbour.choked = false
    neighbour.turn = this.#turns++
    this.#unchoked++
    this.#network.send(neighbour.link, { type: 'unchoke', ...this.#uploader.load() })
  }
}
