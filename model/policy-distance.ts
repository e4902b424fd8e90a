import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { Policy } from './policy.ts'
import { UNKNOWN_LAST } from './policy.ts'

const RTT = FEATURE_INDEX.rtt_ms
const SAME_REGION = FEATURE_INDEX.same_region

/** Shortest round-trip time first, unknown last. Scores are -ln(ms), so softmax 1 draws in proportion to 1 / rtt. */
export class NearestPolicy implements Policy {
  readonly name = 'nearest'
  readonly version = '1'
  readonly readsFeatures = true
  readonly isScored = true

  writeKeys(candidates: CandidateSet, keys: Float64Array): void {
    for (let i = 0; i < candidates.count; i++) {
      const rttMs = candidates.features[i * FEATURE_COUNT + RTT]
      keys[i] = Number.isNaN(rttMs) ? UNKNOWN_LAST : -Math.log(Math.max(rttMs, 1e-3))
    }
  }
}

/** Candidates of the requester's region first, at random inside; scores are 1 and 0. */
export class SameRegionPolicy implements Policy {
  readonly name = 'same-region'
  readonly version = '1'
  readonly readsFeatures = true
  readonly isScored = true

  writeKeys(candidates: CandidateSet, keys: Float64Array): void {
    for (let i = 0; i < candidates.count; i++)
      keys[i] = candidates.features[i * FEATURE_COUNT + SAME_REGION] === 1 ? 1 : 0
  }
}
