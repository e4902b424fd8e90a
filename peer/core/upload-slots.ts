/** Who waits for an upload slot to become free. */
export interface SlotTaker {
  /** A slot may be free: takes what it needs. */
  slotFree(): void
}

/** A number of uploads that may run at once, shared by the peers of one node or a peer's own. */
export class UploadSlots {
  readonly capacity: number
  readonly #takers: SlotTaker[] = []
  readonly #pausers = new Set<SlotTaker>()
  #taken = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Uploads under way. */
  get taken(): number {
    return this.#taken
  }

  get hasFree(): boolean {
    return this.#taken < this.capacity && this.#pausers.size === 0
  }

  join(taker: SlotTaker): void {
    this.#takers.push(taker)
  }

  leave(taker: SlotTaker): void {
    const at = this.#takers.indexOf(taker)
    if (at >= 0) this.#takers.splice(at, 1)
    this.pause(taker, false)
  }

  /** Takes a slot; only where `hasFree` says that there is one. */
  take(): void {
    this.#taken++
  }

  /** Gives slots back; those who wait are told in turns. */
  give(count = 1): void {
    this.#taken -= count
    this.#offer()
  }

  /** While anybody pauses them no upload starts. */
  pause(taker: SlotTaker, isPaused: boolean): void {
    if (isPaused) this.#pausers.add(taker)
    else if (this.#pausers.delete(taker)) this.#offer()
  }

  #offer(): void {
    for (let turns = this.#takers.length; turns > 0 && this.hasFree; turns--) {
      const taker = this.#takers.shift()!
      this.#takers.push(taker)
      taker.slotFree()
    }
  }
}
