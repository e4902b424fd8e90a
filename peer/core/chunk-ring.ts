import type { ChunkBody } from '../ports/chunk-store.ts'
import { ringSize } from './ring-layout.ts'

/** The chunks of a live stream that a member holds: those of a window that moves on, by their full numbers. */
export class ChunkRing {
  /** One bit a place (ring-layout.ts): what is held. Not to be changed from outside. */
  readonly words: Int32Array
  readonly #bodies: (ChunkBody | undefined)[]
  readonly #windowChunks: number
  readonly #mask: number
  #first = 0
  #newest = -1
  #count = 0

  constructor(windowChunks: number) {
    const size = ringSize(windowChunks)
    this.#windowChunks = windowChunks
    this.#mask = size - 1
    this.words = new Int32Array(size >>> 5)
    this.#bodies = new Array<ChunkBody | undefined>(size).fill(undefined)
  }

  /** The window's first number. */
  get first(): number {
    return this.#first
  }

  /** The number behind the window's last. */
  get end(): number {
    return this.#first + this.#windowChunks
  }

  get count(): number {
    return this.#count
  }

  /** The highest number that was ever held, -1 for none. */
  get newest(): number {
    return this.#newest
  }

  has(number: number): boolean {
    return this.get(number) !== undefined
  }

  get(number: number): ChunkBody | undefined {
    return number >= this.#first && number < this.end ? this.#bodies[number & this.#mask] : undefined
  }

  /** Keeps a chunk of the window that is not held yet; returns whether it was one. */
  add(number: number, body: ChunkBody): boolean {
    if (number < this.#first || number >= this.end || this.has(number)) return false
    const at = number & this.#mask
    this.#bodies[at] = body
    this.words[at >>> 5] |= 1 << (at & 31)
    this.#count++
    this.#newest = Math.max(this.#newest, number)
    return true
  }

  /** Moves the window on, discarding what falls out of it. */
  advance(first: number): void {
    const { end } = this
    for (let number = this.#first; number < first && number < end && this.#count > 0; number++)
      this.#drop(number & this.#mask)
    this.#first = Math.max(this.#first, first)
  }

  /** Begins anew with an empty window, which may lie before the present one. */
  reset(first: number): void {
    this.advance(this.end)
    this.#first = first
    this.#newest = -1
  }

  #drop(at: number): void {
    if (this.#bodies[at] === undefined) return
    this.#bodies[at] = undefined
    this.words[at >>> 5] &= ~(1 << (at & 31))
    this.#count--
  }
}
