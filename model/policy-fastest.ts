import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { Policy } from './policy.ts'

const OWN = FEATURE_INDEX.goodput_bps
const REPORTED = FEATURE_INDEX.reported_goodput_bps

/**
 * Highest goodput first: the moving average of own fetches, else what others reported. A candidate that nobody has
 * measured counts as an average one, so that it is neither rushed at nor left out for good.
 * Scores are ln(1 + byte/s), so softmax 1 draws in proportion to goodput.
 */
export class FastestPolicy implements Policy {
  readonly name = 'fastest'
  readonly version = '1'
  readonly readsFeatures = true
  readonly isScored = true

  writeKeys({ count, features }: CandidateSet, keys: Float64Array): void {
    let sum = 0
    let known = 0
    for (let i = 0; i < count; i++) {
      const at = i * FEATURE_COUNT
      const own = features[at + OWN]
      const goodputBps = Number.isNaN(own) ? features[at + REPORTED] : own
      keys[i] = Number.isNaN(goodputBps) ? NaN : Math.log1p(Math.max(goodputBps, 0))
      if (Number.isNaN(keys[i])) continue
      sum += keys[i]
      known++
    }
    const mean = known === 0 ? 0 : sum / known
    for (let i = 0; i < count; i++) if (Number.isNaN(keys[i])) keys[i] = mean
  }
}
