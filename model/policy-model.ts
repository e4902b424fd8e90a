import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { Policy } from './policy.ts'
import type { ModelScorer } from './scorer.ts'

/** A trained model as rankers use it; one serves all rankers of a process. */
export interface RankingModel {
  /** What rows record as the policy's version: the model's name and content hash. */
  readonly label: string
  readonly scorer: ModelScorer
}

/** Highest score of a trained model first. */
export class ModelPolicy implements Policy {
  readonly name = 'model'
  readonly version: string
  readonly readsFeatures = true
  readonly isScored = true
  readonly #scorer: ModelScorer

  constructor(model: RankingModel) {
    this.version = model.label
    this.#scorer = model.scorer
  }

  writeKeys(candidates: CandidateSet, keys: Float64Array): void {
    this.#scorer.score(candidates.features, candidates.count, keys)
  }
}
