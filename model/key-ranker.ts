import { LIMITS } from '../peer/protocol/limits.ts'
import type { CandidateSet, Ranker, Ranking } from '../peer/ports/ranker.ts'
import { PolicyError } from './errors.ts'
import type { Policy } from './policy.ts'
import type { Selection } from './selection.ts'

// Written and read within one call, and shared by all rankers of a process: a large simulation has thousands of them.
let keys = new Float64Array(64)
let order = new Uint32Array(64)

/** The scores of policies that score nothing, by how many there are. */
const noScores: Float32Array[] = []

/** A policy and a way of selecting, as a ranker. Its answer, object and arrays, lasts until its next call. */
export class KeyRanker implements Ranker {
  readonly name: string
  readonly version: string
  readonly readsFeatures: boolean
  readonly #policy: Policy
  readonly #selection: Selection
  #scores = new Float32Array(0)
  #scoreViews: Float32Array[] = []
  readonly #chosen: number[] = []
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
    this.#ranking = { order: this.#chosen, scores: this.#scores, propensity: 1, explored: false }
  }

  rank(candidates: CandidateSet, wanted: number): Ranking {
    const { count } = candidates
    if (keys.length < count) {
      keys = new Float64Array(2 * count)
      order = new Uint32Array(2 * count)
    }
    const taken = Math.max(1, Math.min(wanted, count))
    this.#policy.writeKeys(candidates, keys)
    for (let i = 0; i < count; i++) order[i] = i
    const ranking = this.#ranking
    ranking.explored = this.#selection.select(keys, count, taken, order)
    ranking.propensity = this.#selection.probabilityOfFirst(keys, count, order[0])
    ranking.scores = this.#policy.isScored
      ? this.#scoresOf(count)
      : (noScores[count] ??= new Float32Array(count))
    this.#chosen.length = taken
    for (let i = 0; i < taken; i++) this.#chosen[i] = order[i]
    this.#policy.noteChosen?.(candidates, this.#chosen, taken)
    return ranking
  }

  #scoresOf(count: number): Float32Array {
    if (this.#scores.length < count) {
      this.#scores = new Float32Array(Math.max(32, 2 * count))
      this.#scoreViews = []
    }
    for (let i = 0; i < count; i++) this.#scores[i] = keys[i]
    return (this.#scoreViews[count] ??= this.#scores.subarray(0, count))
  }
}
