import type { KnownPeer } from './known-peer.ts'
import type { Neighbour } from './neighbour.ts'

/**
 * What changes or is asked with almost every message, a row a neighbour: its load as it told last, and until when it is
 * left alone. Kept together in arrays, because a peer goes through all of its neighbours for every choice.
 */
export class NeighbourFigures {
  #loadAtMs = new Float64Array(0)
  #backoffUntilMs = new Float64Array(0)
  #active = new Uint8Array(0)
  #queued = new Uint8Array(0)

  /** Starts the row of a new neighbour with what is known of it. */
  join({ row, known }: Neighbour): void {
    if (row >= this.#active.length) this.#grow(row)
    this.#loadAtMs[row] = NaN
    this.#backoffUntilMs[row] = known.backoffUntilMs
  }

  /** Hands on what the neighbour told last, before its row is given up. */
  leave({ row, known }: Neighbour): void {
    if (this.isNewer(row, known)) known.hearLoad(this.#active[row], this.#queued[row], this.#loadAtMs[row])
  }

  /** Takes over a load told at `atMs`, unless a later one is known: news that could wait comes late. */
  hearLoad(row: number, active: number, queued: number, atMs: number): void {
    if (this.#loadAtMs[row] > atMs) return
    this.#active[row] = active
    this.#queued[row] = queued
    this.#loadAtMs[row] = atMs
  }

  /** Whether the neighbour itself has told its load since the tracker did. */
  isNewer(row: number, known: KnownPeer): boolean {
    return !Number.isNaN(this.#loadAtMs[row]) && !(known.loadAtMs > this.#loadAtMs[row])
  }

  active(row: number): number {
    return this.#active[row]
  }

  queued(row: number): number {
    return this.#queued[row]
  }

  loadAtMs(row: number): number {
    return this.#loadAtMs[row]
  }

  backoffUntilMs(row: number): number {
    return this.#backoffUntilMs[row]
  }

  /** Takes over a back-off that has changed; harmless for a neighbour that has left. */
  backOff({ row, known }: Neighbour): void {
    if (row >= 0) this.#backoffUntilMs[row] = known.backoffUntilMs
  }

  #grow(row: number): void {
    const rows = Math.max(8, 2 * row)
    this.#loadAtMs = copyInto(new Float64Array(rows), this.#loadAtMs)
    this.#backoffUntilMs = copyInto(new Float64Array(rows), this.#backoffUntilMs)
    this.#active = copyInto(new Uint8Array(rows), this.#active)
    this.#queued = copyInto(new Uint8Array(rows), this.#queued)
  }
}

function copyInto<T extends Float64Array | Uint8Array>(target: T, source: T): T {
  target.set(source)
  return target
}
