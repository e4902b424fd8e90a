import type { Random } from '../peer/ports/random.ts'

/** How keys become an order. */
export interface Selection {
  /** Added to the policy's version; empty where the policy's keys decide alone. */
  readonly suffix: string
  /**
   * Permutes `order` (a permutation of 0 to count - 1) so that its first `wanted` entries are the choice, best first.
   * Returns whether the first was drawn by exploration.
   */
  select(keys: Float64Array, count: number, wanted: number, order: Uint32Array): boolean
  /** Probability that `select` puts this candidate first, given the keys. */
  probabilityOfFirst(keys: Float64Array, count: number, index: number): number
}

/** From so many wanted on, a heap is quicker than looking for each among all that are left. */
const HEAP_FROM = 8

/** Highest key first; equal keys in random order. */
export class GreedySelection implements Selection {
  readonly suffix = ''
  readonly #random: Random
  #heap = new Uint32Array(0)

  constructor(random: Random) {
    this.#random = random
  }

  select(keys: Float64Array, count: number, wanted: number, order: Uint32Array): boolean {
    const start = wanted < HEAP_FROM ? 0 : this.#takeBest(keys, count, wanted, order)
    for (let place = start; place < wanted; place++) {
      let best = keys[order[place]]
      let ties = 1
      for (let i = place + 1; i < count; i++) {
        const key = keys[order[i]]
        if (key > best) {
          best = key
          ties = 1
        } else if (key === best) ties++
      }
      const left = count - place
      if (ties === left) {
        this.#shuffleRest(order, place, count, wanted)
        return false
      }
      const pick = ties === 1 ? 0 : this.#random.below(ties)
      swap(order, place, nthWithKey(keys, order, place, best, pick))
    }
    return false
  }

  probabilityOfFirst(keys: Float64Array, count: number, index: number): number {
    const key = keys[index]
    let ties = 0
    for (let i = 0; i < count; i++) {
      if (keys[i] > key) return 0
      if (keys[i] === key) ties++
    }
    return 1 / ties
  }

  /** Puts the best first, by a heap, until the next two are equal; returns how many that are. */
  #takeBest(keys: Float64Array, count: number, wanted: number, order: Uint32Array): number {
    if (this.#heap.length < count) this.#heap = new Uint32Array(2 * count)
    const heap = this.#heap
    for (let i = 0; i < count; i++) heap[i] = order[i]
    for (let i = (count >> 1) - 1; i >= 0; i--) sink(heap, keys, i, count)
    let left = count
    let place = 0
    for (; place < wanted && left > 0; place++) {
      const best = heap[0]
      const key = keys[best]
      if (left > 1 && keys[heap[1]] === key) break
      if (left > 2 && keys[heap[2]] === key) break
      order[place] = best
      heap[0] = heap[--left]
      sink(heap, keys, 0, left)
    }
    for (let i = 0; i < left; i++) order[place + i] = heap[i]
    return place
  }

  #shuffleRest(order: Uint32Array, from: number, count: number, wanted: number): void {
    for (let i = from; i < wanted && i < count - 1; i++) swap(order, i, i + this.#random.below(count - i))
  }
}

/** The better of two random candidates, again and again (power of two choices, Mitzenmacher 2001). */
export class PairSelection implements Selection {
  readonly suffix = ''
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  select(keys: Float64Array, count: number, wanted: number, order: Uint32Array): boolean {
    for (let place = 0; place < wanted && place < count - 1; place++) {
      const left = count - place
      const first = this.#random.below(left)
      const other = this.#random.below(left - 1)
      const second = other < first ? other : other + 1
      const isFirst = keys[order[place + first]] >= keys[order[place + second]]
      swap(order, place, place + (isFirst ? first : second))
    }
    return false
  }

  probabilityOfFirst(keys: Float64Array, count: number, index: number): number {
    if (count === 1) return 1
    let wins = 0
    for (let i = 0; i < count; i++) {
      if (i === index) continue
      if (keys[index] > keys[i]) wins += 1
      else if (keys[index] === keys[i]) wins += 0.5
    }
    return (2 * wins) / (count * (count - 1))
  }
}

export function swap(order: Uint32Array, i: number, j: number): void {
  const held = order[i]
  order[i] = order[j]
  order[j] = held
}

/** Restores the heap of the first `length` indices, highest key on top, below `at`. */
function sink(heap: Uint32Array, keys: Float64Array, at: number, length: number): void {
  const index = heap[at]
  const key = keys[index]
  for (;;) {
    let child = 2 * at + 1
    if (child >= length) break
    if (child + 1 < length && keys[heap[child + 1]] > keys[heap[child]]) child++
    if (keys[heap[child]] <= key) break
    heap[at] = heap[child]
    at = child
  }
  heap[at] = index
}

function nthWithKey(keys: Float64Array, order: Uint32Array, from: number, key: number, nth: number): number {
  let left = nth
  for (let i = from; ; i++) if (keys[order[i]] === key && left-- === 0) return i
}
