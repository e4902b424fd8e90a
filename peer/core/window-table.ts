import type { ChunkSet } from '../protocol/chunk-set.ts'
import { ringSize } from './ring-layout.ts'
import type { HeldShares } from './seed-selector.ts'
import { uncountedBuffer } from './uncounted-buffer.ts'

/**
 * Which neighbour has told of which chunk of a live stream, within a window that moves on: a row of bits a neighbour, one
 * bit a place (ring-layout.ts).
 */
export class WindowTable implements HeldShares {
  readonly #windowChunks: number
  readonly #mask: number
  readonly #stride: number
  #words: Int32Array = new Int32Array(0)
  /** The highest number that each neighbour has told of, -1 for none. */
  #newest: Float64Array = new Float64Array(0)
  #first = 0

  constructor(windowChunks: number) {
    const size = ringSize(windowChunks)
    this.#windowChunks = windowChunks
    this.#mask = size - 1
    this.#stride = size >>> 5
  }

  /** Makes room for a row, which is empty. */
  open(row: number): void {
    if (row >= this.#newest.length) this.#grow(row)
  }

  /** Empties a row. */
  clear(row: number): void {
    this.#words.fill(0, row * this.#stride, (row + 1) * this.#stride)
    this.#newest[row] = -1
  }

  /** The highest number that a neighbour has told of, inside the window or not; -1 for none. */
  newest(row: number): number {
    return this.#newest[row]
  }

  has(row: number, number: number): boolean {
    if (!this.#covers(number)) return false
    const at = number & this.#mask
    return (this.#words[row * this.#stride + (at >>> 5)] & (1 << (at & 31))) !== 0
  }

  /** A neighbour holds a chunk; returns whether it lies in the window and was new. */
  add(row: number, number: number): boolean {
    if (number > this.#newest[row]) this.#newest[row] = number
    if (!this.#covers(number)) return false
    const at = number & this.#mask
    const word = row * this.#stride + (at >>> 5)
    const bit = 1 << (at & 31)
    if ((this.#words[word] & bit) !== 0) return false
    this.#words[word] |= bit
    return true
  }

  /** A neighbour holds the chunks of a set, counted from `first`. */
  addAll(row: number, first: number, chunks: ChunkSet): void {
    chunks.forEach((chunk) => this.add(row, first + chunk))
  }

  /** A neighbour does not hold a chunk any more, or not for this peer. */
  remove(row: number, number: number): void {
    if (!this.#covers(number)) return
    const at = number & this.#mask
    this.#words[row * this.#stride + (at >>> 5)] &= ~(1 << (at & 31))
  }

  /** Adds a row's bits to `words`, which are laid out by place. */
  addTo(words: Int32Array, row: number): void {
    const at = row * this.#stride
    for (let i = 0; i < this.#stride; i++) words[i] |= this.#words[at + i]
  }

  /** The earliest chunk of the window, from `from` on, that any neighbour has told of; -1 where there is none. */
  earliest(from: number): number {
    const end = this.#first + this.#windowChunks
    const start = Math.max(from, this.#first)
    for (let base = start - (start & 31); base < end; base += 32) {
      let word = 0
      const column = (base & this.#mask) >>> 5
      for (let i = column; i < this.#words.length; i += this.#stride) word |= this.#words[i]
      if (base < start) word &= -1 << (start - base)
      if (word !== 0) return base + 31 - Math.clz32(word & -word)
    }
    return -1
  }

  share(row: number): number {
    let count = 0
    const at = row * this.#stride
    const partial = at + ((this.#first & this.#mask) >>> 5)
    for (let i = at; i < at + this.#stride; i++) {
      // Of the window's first word, what lies before the window has not been cleared yet.
      let word = i === partial ? this.#words[i] & (-1 << (this.#first & 31)) : this.#words[i]
      for (; word !== 0; word &= word - 1) count++
    }
    return Math.min(1, count / this.#windowChunks)
  }

  /** Moves the window on; what falls out of it is forgotten. */
  advance(first: number): void {
    if (first <= this.#first) return
    if (first - this.#first >= this.#windowChunks) return this.reset(first)
    const to = first - (first & 31)
    for (let number = this.#first - (this.#first & 31); number < to; number += 32)
      this.#clearColumn((number & this.#mask) >>> 5)
    this.#first = first
  }

  /** Begins anew with an empty window. */
  reset(first: number): void {
    this.#words.fill(0)
    this.#first = first
  }

  #covers(number: number): boolean {
    return number >= this.#first && number < this.#first + this.#windowChunks
  }

  #clearColumn(column: number): void {
    for (let i = column; i < this.#words.length; i += this.#stride) this.#words[i] = 0
  }

  #grow(row: number): void {
    const rows = Math.max(8, 2 * row)
    const words = new Int32Array(uncountedBuffer(4 * rows * this.#stride))
    const newest = new Float64Array(uncountedBuffer(8 * rows)).fill(-1)
    words.set(this.#words)
    newest.set(this.#newest)
    this.#words = words
    this.#newest = newest
  }
}
