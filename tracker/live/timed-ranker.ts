import type { CandidateSet, Ranker, Ranking } from '../../peer/ports/ranker.ts'
import type { Distribution } from './distribution.ts'

/** A ranker whose decisions are timed, in seconds. */
export class TimedRanker implements Ranker {
  readonly name: string
  readonly version: string
  readonly readsFeatures: boolean
  readonly #ranker: Ranker
  readonly #seconds: Distribution

  constructor(ranker: Ranker, seconds: Distribution) {
    this.#ranker = ranker
    this.#seconds = seconds
    this.name = ranker.name
    this.version = ranker.version
    this.readsFeatures = ranker.readsFeatures
  }

  rank(candidates: CandidateSet, wanted: number): Ranking {
    const startedMs = performance.now()
    const ranking = this.#ranker.rank(candidates, wanted)
    this.#seconds.observe((performance.now() - startedMs) / 1000)
    return ranking
  }
}
