import type { CandidateSet } from '../peer/ports/ranker.ts'

/** What tells policies apart: how good each candidate looks right now. */
export interface Policy {
  readonly name: string
  /** The policy's parameters, or the model's version. */
  readonly version: string
  readonly readsFeatures: boolean
  /** Whether keys are scores worth recording; where not, only their order counts. */
  readonly isScored: boolean
  /** Writes one key a candidate, higher is better, never NaN. */
  writeKeys(candidates: CandidateSet, keys: Float64Array): void
  /** Told which candidates were chosen: the first `taken` of `order`. */
  noteChosen?(candidates: CandidateSet, order: ArrayLike<number>, taken: number): void
}

/** Key of a candidate about which a policy knows nothing and that it puts last; below any key it computes. */
export const UNKNOWN_LAST = -100
