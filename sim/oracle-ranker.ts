import type { Random } from '../peer/ports/random.ts'
import type { CandidateSet, Ranker, Ranking } from '../peer/ports/ranker.ts'
import type { Oracle } from './oracle.ts'

/** The upper bound of seed policies: orders candidates by the goodput that the oracle expects, ties at random. */
export class OracleRanker implements Ranker {
  readonly name = 'oracle'
  readonly version = '1'
  readonly readsFeatures = false
  readonly #oracle: Oracle
  readonly #random: Random
  #scores = new Float32Array(64)
  #ties = new Float64Array(64)

  constructor(oracle: Oracle, random: Random) {
    this.#oracle = oracle
    this.#random = random
  }

  rank({ place, requesterId, peerIds, count }: CandidateSet, wanted: number): Ranking {
    if (count > this.#scores.length) {
      this.#scores = new Float32Array(2 * count)
      this.#ties = new Float64Array(2 * count)
    }
    const scores = this.#scores
    const ties = this.#ties
    let best = 0
    let bestCount = 0
    for (let i = 0; i < count; i++) {
      const score = Math.fround(this.#oracle.expectedGoodputBps(requesterId, peerIds[i], place))
      scores[i] = score
      ties[i] = this.#random.next()
      if (score > best || bestCount === 0) {
        best = score
        bestCount = 1
      } else if (score === best) bestCount++
    }
    const order = Array.from({ length: count }, (_, i) => i)
    order.sort((a, b) => scores[b] - scores[a] || ties[a] - ties[b])
    order.length = Math.min(wanted, count)
    return { order, scores, propensity: 1 / bestCount, explored: false }
  }
}
