import type { ChunkSet } from '../protocol/chunk-set.ts'
import { uncountedBuffer } from './uncounted-buffer.ts'

/**
 * Which neighbour holds which chunk: a row of bits a neighbour, all in one array, because a peer looks through all of
 * its neighbours for every chunk that it gets or wants.
 */
export class ChunkTable {
  readonly #chunkCount: number
  /** Words of bits in a row; after them comes how many are set. */
  readonly #width: number
  readonly #stride: number
  #words: Int32Array = new Int32Array(0)

  constructor(chunkCount: number) {
    this.#chunkCount = chunkCount
    this.#width = (chunkCount + 31) >>> 5
    this.#stride = this.#width + 1
  }

  /** Makes room for a row, which is empty. */
  open(row: number): void {
    if ((row + 1) * this.#stride > this.#words.length) this.#grow(row)
  }

  /** Empties a row, and takes one off the counts of the chunks that it held. */
  clear(row: number, counts: Uint16Array): void {
    const words = this.#words
    const start = row * this.#stride
    for (let i = 0; i < this.#width; i++) {
      let word = words[start + i]
      words[start + i] = 0
      while (word !== 0) {
        const bit = word & -word
        word ^= bit
        counts[(i << 5) + 31 - Math.clz32(bit)]--
      }
    }
    words[start + this.#width] = 0
  }

  has(row: number, chunk: number): boolean {
    return (this.#words[row * this.#stride + (chunk >>> 5)] & (1 << (chunk & 31))) !== 0
  }

  /** Adds a chunk; returns whether it was new. */
  add(row: number, chunk: number): boolean {
    const at = row * this.#stride + (chunk >>> 5)
    const bit = 1 << (chunk & 31)
    if ((this.#words[at] & bit) !== 0) return false
    this.#words[at] |= bit
    this.#words[row * this.#stride + this.#width]++
    return true
  }

  /** How many chunks a row holds. */
  count(row: number): number {
    return this.#words[row * this.#stride + this.#width]
  }

  /** Share of the chunks that a row holds, 0 to 1. */
  share(row: number): number {
    return this.count(row) / this.#chunkCount
  }

  isFull(row: number): boolean {
    return this.count(row) === this.#chunkCount
  }

  /** Adds a row's chunks to `words`, which are laid out like those of a ChunkSet. */
  addTo(words: Int32Array, row: number): void {
    const at = row * this.#stride
    for (let i = 0; i < this.#width; i++) words[i] |= this.#words[at + i]
  }

  /** Whether a row holds a chunk that `have` lacks. */
  exceeds(row: number, have: ChunkSet): boolean {
    const at = row * this.#stride
    for (let i = 0; i < this.#width; i++) if ((this.#words[at + i] & ~have.words[i]) !== 0) return true
    return false
  }

  #grow(row: number): void {
    const rows = Math.max(16, 4 * row)
    const words = new Int32Array(uncountedBuffer(4 * rows * this.#stride))
    words.set(this.#words)
    this.#words = words
  }
}
