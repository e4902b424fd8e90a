import { ChunkSet } from '../protocol/chunk-set.ts'
import type { Random } from '../ports/random.ts'
import type { Neighbour } from './neighbour.ts'
import type { ChunkOrder } from './options.ts'

/** Knows how many neighbours hold each chunk, and picks the next one to fetch. */
export class ChunkPicker {
  readonly #order: ChunkOrder
  readonly #random: Random
  readonly #have: ChunkSet
  readonly #availability: Uint16Array
  /** Chunks being fetched. */
  readonly #inflight: ChunkSet
  readonly #choice: ChunkSet

  constructor(have: ChunkSet, order: ChunkOrder, random: Random) {
    this.#have = have
    this.#order = order
    this.#random = random
    this.#availability = new Uint16Array(have.size)
    this.#inflight = new ChunkSet(have.size)
    this.#choice = new ChunkSet(have.size)
  }

  /** A neighbour has said that it holds `chunk`; returns whether that was new. */
  heard(neighbour: Neighbour, chunk: number): boolean {
    if (!neighbour.chunks.add(chunk)) return false
    this.#availability[chunk]++
    return true
  }

  forget(neighbour: Neighbour): void {
    neighbour.chunks.forEach((chunk) => this.#availability[chunk]--)
  }

  isWanted(chunk: number): boolean {
    return !this.#have.has(chunk) && !this.#inflight.has(chunk)
  }

  started(chunk: number): void {
    this.#inflight.add(chunk)
  }

  /** No fetch of the chunk is under way any more. */
  ended(chunk: number): void {
    this.#inflight.delete(chunk)
  }

  /** Whether every missing chunk is being fetched. */
  get allRequested(): boolean {
    return this.#have.count + this.#inflight.count === this.#have.size
  }

  /** The chunk to fetch next from one of `holders`, or -1 where they hold nothing that is wanted. */
  pick(holders: readonly Neighbour[]): number {
    const choice = this.#choice
    choice.clear()
    for (const holder of holders) choice.addAll(holder.chunks)
    choice.deleteAll(this.#have)
    choice.deleteAll(this.#inflight)
    return this.#best(choice)
  }

  /** Any wanted chunk, for a source that holds them all; -1 where none is left. */
  pickAny(): number {
    const choice = this.#choice
    choice.clear()
    for (let chunk = 0; chunk < choice.size; chunk++) if (this.isWanted(chunk)) choice.add(chunk)
    return this.#best(choice)
  }

  /** Rarest first, ties at random (reservoir sampling), within the window where there is one. */
  #best(choice: ChunkSet): number {
    if (choice.count === 0) return -1
    let end = choice.size
    if (this.#order.kind === 'window') {
      let start = 0
      while (start < end && this.#have.has(start)) start++
      end = Math.min(end, start + this.#order.chunks)
    }
    let best = -1
    let fewest = Infinity
    let ties = 0
    choice.forEach((chunk) => {
      const holders = this.#availability[chunk]
      if (chunk >= end || holders > fewest) return
      ties = holders < fewest ? 1 : ties + 1
      fewest = holders
      if (ties === 1 || this.#random.below(ties) === 0) best = chunk
    })
    return best
  }
}
