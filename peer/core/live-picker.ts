import type { Random } from '../ports/random.ts'
import type { ChunkRing } from './chunk-ring.ts'
import type { ChunkChoice } from './live-options.ts'
import type { WindowTable } from './window-table.ts'

/** Picks the chunk of a live stream to fetch next, among those that are useful: missing here, held by a neighbour. */
export class LivePicker {
  readonly #choice: ChunkChoice
  readonly #random: Random
  readonly #ring: ChunkRing
  readonly #table: WindowTable
  /** One bit a place: chunks being fetched. */
  readonly #inflight: Int32Array
  /** One bit a place: chunks that may be picked. */
  readonly #useful: Int32Array
  readonly #mask: number

  constructor(choice: ChunkChoice, random: Random, ring: ChunkRing, table: WindowTable) {
    this.#choice = choice
    this.#random = random
    this.#ring = ring
    this.#table = table
    this.#inflight = new Int32Array(ring.words.length)
    this.#useful = new Int32Array(ring.words.length)
    this.#mask = 32 * ring.words.length - 1
  }

  started(number: number): void {
    const at = number & this.#mask
    this.#inflight[at >>> 5] |= 1 << (at & 31)
  }

  ended(number: number): void {
    const at = number & this.#mask
    this.#inflight[at >>> 5] &= ~(1 << (at & 31))
  }

  /** Whether a chunk is missing and not on its way. */
  isWanted(number: number): boolean {
    const at = number & this.#mask
    return !this.#ring.has(number) && (this.#inflight[at >>> 5] & (1 << (at & 31))) === 0
  }

  /** The chunk from `from` to before `end` to fetch from one of the neighbours in `rows`; -1 where they hold nothing useful. */
  pick(rows: readonly number[], from: number, end: number): number {
    if (end <= from) return -1
    const useful = this.#useful
    useful.fill(0)
    for (const row of rows) this.#table.addTo(useful, row)
    for (let i = 0; i < useful.length; i++) useful[i] &= ~this.#ring.words[i] & ~this.#inflight[i]
    switch (this.#choice) {
      case 'deadline-first':
        return this.#earliest(from, end)
      case 'latest-useful':
        return this.#latest(from, end)
      case 'random-useful':
        return this.#any(from, end)
    }
  }

  #earliest(from: number, end: number): number {
    for (let base = from - (from & 31); base < end; base += 32) {
      const word = this.#word(base, from, end)
      if (word !== 0) return base + 31 - Math.clz32(word & -word)
    }
    return -1
  }

  #latest(from: number, end: number): number {
    for (let base = end - 1 - ((end - 1) & 31); base > from - 32; base -= 32) {
      const word = this.#word(base, from, end)
      if (word !== 0) return base + 31 - Math.clz32(word)
    }
    return -1
  }

  /** Uniform among the useful ones: drawn by rank. */
  #any(from: number, end: number): number {
    let count = 0
    for (let base = from - (from & 31); base < end; base += 32) count += bitCount(this.#word(base, from, end))
    if (count === 0) return -1
    let rank = this.#random.below(count)
    for (let base = from - (from & 31); base < end; base += 32) {
      let word = this.#word(base, from, end)
      const here = bitCount(word)
      if (rank >= here) {
        rank -= here
        continue
      }
      while (rank-- > 0) word &= word - 1
      return base + 31 - Math.clz32(word & -word)
    }
    return -1
  }

  /** The useful ones of 32 numbers from `base` on, without those outside of the range. */
  #word(base: number, from: number, end: number): number {
    let word = this.#useful[(base & this.#mask) >>> 5]
    if (from > base) word &= -1 << (from - base)
    if (end - base < 32) word &= (1 << (end - base)) - 1
    return word
  }
}

function bitCount(word: number): number {
  let count = 0
  for (let left = word; left !== 0; left &= left - 1) count++
  return count
}
