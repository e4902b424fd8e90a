import { LIMITS } from '../peer/protocol/limits.ts'
import type { CandidateSet, Ranker, Ranking } from '../peer/ports/ranker.ts'
import { PolicyError } from './errors.ts'
import type { Policy } from './policy.ts'
import type { Selection } from './selection.ts'

/** A policy and a way of selecting, as a ranker. Its answer, object and arrays, lasts until its next call. */
export class KeyRanker implements Ranker {
  readonly name: string
  readonly version: string
  readonly readsFeatures: boolean
  readonly #policy: Policy
  readonly #selection: Selection
  #keys = new Float64Array(0)
  #order = new Uint32Array(0)
  #scores = new Float32Array(0)
  #orders: Uint32Array[] = []
  #scoreViews: Float32Array[] = []
  readonly #ranking: { -readonly [K in keyof Ranking]: Ranking[K] }

  constructor(policy: Policy, selection: Selection) {
    this.name = policy.name
    this.version = `${policy.version}${selection.suffix}`
    if (Buffer.byteLength(this.version) > LIMITS.labelBytes)
      throw new PolicyError(
        `invalid policy version: "${this.version}" (at most ${LIMITS.labelBytes} bytes; use a shorter model name or rounder settings)`,
      )
    this.readsFeatures = policy.readsFeatures
    this.#policy = policy
    this.#selection = selection
    this.#ranking = { order: this.#order, scores: this.#scores, propensity: 1, explored: false }
  }

  rank(candidates: CandidateSet, wanted: number): Ranking {
    const { count } = candidates
    if (this.#keys.length < count) this.#grow(count)
    const keys = this.#keys
    const order = this.#order
    const taken = Math.max(1, Math.min(wanted, count))
    this.#policy.writeKeys(candidates, keys)
    for (let i = 0; i < count; i++) order[i] = i
    const ranking = this.#ranking
    ranking.explored = this.#selection.select(keys, count, taken, order)
    ranking.propensity = this.#selection.probabilityOfFirst(keys, count, order[0])
    if (this.#policy.isScored) for (let i = 0; i < count; i++) this.#scores[i] = keys[i]
    this.#policy.noteChosen?.(candidates, order, taken)
    ranking.order = this.#orders[taken] ??= order.subarray(0, taken)
    ranking.scores = this.#scoreViews[count] ??= this.#scores.subarray(0, count)
    return ranking
  }

  #grow(count: number): void {
    const capacity = Math.max(32, count * 2)
    this.#keys = new Float64Array(capacity)
    this.#order = new Uint32Array(capacity)
    this.#scores = new Float32Array(capacity)
    this.#orders = []
    this.#scoreViews = []
  }
}
