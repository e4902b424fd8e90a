import { ChunkSet } from '../protocol/chunk-set.ts'
import type { Random } from '../ports/random.ts'
import type { ChunkRange } from './chunk-demand.ts'
import { ChunkTable } from './chunk-table.ts'
import type { ChunkOrder } from './options.ts'

/** The words of a chunk set: what may be picked. Filled and read within one choice, and shared by all peers of a process. */
let choice = new Int32Array(8)

function clearChoice(words: number, value: number): void {
  if (choice.length < words) choice = new Int32Array(words)
  choice.fill(value, 0, words)
}

/** Knows which neighbour holds which chunk, and picks the next chunk to fetch. */
export class ChunkPicker {
  readonly held: ChunkTable
  readonly #order: ChunkOrder
  readonly #random: Random
  readonly #have: ChunkSet
  /** How many neighbours hold each chunk. */
  readonly #availability: Uint16Array
  /** Chunks being fetched. */
  readonly #inflight: ChunkSet
  readonly #all: ChunkRange

  constructor(have: ChunkSet, order: ChunkOrder, random: Random) {
    this.#have = have
    this.#order = order
    this.#random = random
    this.held = new ChunkTable(have.size)
    this.#availability = new Uint16Array(have.size)
    this.#inflight = new ChunkSet(have.size)
    this.#all = { start: 0, end: have.size }
  }

  /** The neighbour of a row has said that it holds `chunk`; returns whether that was new. */
  heard(row: number, chunk: number): boolean {
    if (!this.held.add(row, chunk)) return false
    this.#availability[chunk]++
    return true
  }

  /** Forgets what a neighbour that leaves has told. */
  forget(row: number): void {
    this.held.clear(row, this.#availability)
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

  /** Chunks being fetched. Not to be changed from outside. */
  get inflight(): ChunkSet {
    return this.#inflight
  }

  /** Whether every missing chunk is being fetched. */
  get allRequested(): boolean {
    return this.#have.count + this.#inflight.count === this.#have.size
  }

  /** The chunk to fetch next from one of the neighbours in `rows`, or -1 where they hold nothing that is wanted. */
  pick(rows: readonly number[]): number {
    this.#gather(rows)
    return this.#rarest(this.#all)
  }

  /** The same among the chunks of a range. */
  pickIn(rows: readonly number[], range: ChunkRange, isInOrder: boolean): number {
    if (range.start >= range.end) return -1
    this.#gather(rows)
    return isInOrder ? this.#first(range) : this.#rarest(range)
  }

  /** Any wanted chunk, for a source that holds them all; -1 where none is left. */
  pickAny(): number {
    clearChoice(this.#have.words.length, -1)
    return this.#rarest(this.#all)
  }

  /** The first wanted chunk of a range, for a source that holds them all; -1 where none is left. */
  pickFirst(range: ChunkRange): number {
    clearChoice(this.#have.words.length, -1)
    return this.#first(range)
  }

  #gather(rows: readonly number[]): void {
    clearChoice(this.#have.words.length, 0)
    for (let i = 0; i < rows.length; i++) this.held.addTo(choice, rows[i])
  }

  #first({ start, end }: ChunkRange): number {
    for (let chunk = start; chunk < end; chunk++)
      if ((choice[chunk >>> 5] & (1 << (chunk & 31))) !== 0 && this.isWanted(chunk)) return chunk
    return -1
  }

  /** Of the wanted chunks in the choice the rarest, ties at random (reservoir sampling), within the window if there is one. */
  #rarest(range: ChunkRange): number {
    const have = this.#have.words
    const inflight = this.#inflight.words
    const end = Math.min(range.end, this.#windowEnd())
    let best = -1
    let fewest = Infinity
    let ties = 0
    for (let i = range.start >>> 5; i < have.length; i++) {
      let word = choice[i] & ~have[i] & ~inflight[i]
      while (word !== 0) {
        const bit = word & -word
        word ^= bit
        const chunk = (i << 5) + 31 - Math.clz32(bit)
        const holders = this.#availability[chunk]
        if (chunk < range.start || chunk >= end || holders > fewest) continue
        ties = holders < fewest ? 1 : ties + 1
        fewest = holders
        if (ties === 1 || this.#random.below(ties) === 0) best = chunk
      }
    }
    return best
  }

  #windowEnd(): number {
    const { size } = this.#have
    if (this.#order.kind !== 'window') return size
    let start = 0
    while (start < size && this.#have.has(start)) start++
    return Math.min(size, start + this.#order.chunks)
  }
}
