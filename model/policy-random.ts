import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { Policy } from './policy.ts'

/** Every candidate is as good as any other. */
export class RandomPolicy implements Policy {
  readonly name = 'random'
  readonly version = '1'
  readonly readsFeatures = false
  readonly isScored = false

  writeKeys(candidates: CandidateSet, keys: Float64Array): void {
    keys.fill(0, 0, candidates.count)
  }
}
