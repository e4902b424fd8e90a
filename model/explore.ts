import { quote } from '../peer/protocol/ids.ts'
import type { Random } from '../peer/ports/random.ts'
import { PolicyError } from './errors.ts'
import type { Selection } from './selection.ts'
import { swap } from './selection.ts'

/** How a policy explores. */
export type ExploreSpec =
  | { readonly kind: 'epsilon'; readonly epsilon: number }
  | { readonly kind: 'softmax'; readonly temperature: number }

export const EXPLORE_KINDS = ['epsilon', 'softmax'] as const

/** Puts a uniformly drawn candidate first with probability epsilon; else leaves the order to the policy. */
export class EpsilonSelection implements Selection {
  readonly suffix: string
  readonly #base: Selection
  readonly #epsilon: number
  readonly #random: Random

  constructor(base: Selection, epsilon: number, random: Random) {
    if (!(epsilon >= 0 && epsilon <= 1))
      throw new PolicyError(`invalid epsilon: ${quote(epsilon)} (allowed 0 to 1)`)
    this.suffix = `+epsilon=${epsilon}`
    this.#base = base
    this.#epsilon = epsilon
    this.#random = random
  }

  select(keys: Float64Array, count: number, wanted: number, order: Uint32Array): boolean {
    this.#base.select(keys, count, wanted, order)
    if (this.#random.next() >= this.#epsilon) return false
    const drawn = this.#random.below(count)
    const from = order.indexOf(drawn)
    order.copyWithin(1, 0, from)
    order[0] = drawn
    return true
  }

  probabilityOfFirst(keys: Float64Array, count: number, index: number): number {
    const base = this.#base.probabilityOfFirst(keys, count, index)
    return this.#epsilon / count + (1 - this.#epsilon) * base
  }
}

/**
 * Draws without replacement, each candidate with probability proportional to exp(key / temperature). A choice counts
 * as explored where its key is not the highest.
 */
export class SoftmaxSelection implements Selection {
  readonly suffix: string
  readonly #temperature: number
  readonly #isByRank: boolean
  readonly #random: Random
  #weights = new Float64Array(64)

  /** `isByRank`: negative ranks stand in for the keys (ties share a rank), for policies whose keys have no scale. */
  constructor(temperature: number, isByRank: boolean, random: Random) {
    if (!(temperature > 0 && temperature < Infinity))
      throw new PolicyError(`invalid temperature: ${quote(temperature)} (allowed above 0)`)
    this.suffix = `+softmax=${temperature}`
    this.#temperature = temperature
    this.#isByRank = isByRank
    this.#random = random
  }

  select(keys: Float64Array, count: number, wanted: number, order: Uint32Array): boolean {
    const best = this.#weigh(keys, count)
    for (let place = 0; place < wanted && place < count - 1; place++)
      swap(order, place, this.#draw(keys, order, place, count))
    return keys[order[0]] < best
  }

  probabilityOfFirst(keys: Float64Array, count: number, index: number): number {
    this.#weigh(keys, count)
    let total = 0
    for (let i = 0; i < count; i++) total += this.#weights[i]
    return this.#weights[index] / total
  }

  /** Sets the weights so that the best candidate's is 1; returns the highest key. */
  #weigh(keys: Float64Array, count: number): number {
    if (this.#weights.length < count) this.#weights = new Float64Array(count * 2)
    let best = -Infinity
    for (let i = 0; i < count; i++) if (keys[i] > best) best = keys[i]
    for (let i = 0; i < count; i++) {
      const behind = this.#isByRank ? rank(keys, count, i) : best - keys[i]
      this.#weights[i] = Math.exp(-behind / this.#temperature)
    }
    return best
  }

  #draw(keys: Float64Array, order: Uint32Array, from: number, count: number): number {
    let total = 0
    let best = from
    for (let i = from; i < count; i++) {
      total += this.#weights[order[i]]
      if (keys[order[i]] > keys[order[best]]) best = i
    }
    let left = this.#random.next() * total
    for (let i = from; i < count; i++) {
      left -= this.#weights[order[i]]
      if (left < 0) return i
    }
    // Every weight left is too small for a double, or the sum was rounded up: the best is all but certain.
    return best
  }
}

/** Number of candidates with a higher key. */
function rank(keys: Float64Array, count: number, index: number): number {
  let higher = 0
  for (let i = 0; i < count; i++) if (keys[i] > keys[index]) higher++
  return higher
}
