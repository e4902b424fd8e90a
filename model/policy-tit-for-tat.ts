import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { Policy } from './policy.ts'

const OWN_OK = FEATURE_INDEX.own_ok

/** Share of the choices that are optimistic: a random candidate may show what it gives. One slot of four (Cohen 2003). */
export const OPTIMISTIC_SHARE = 0.25

/** Those that have given most chunks first, as BitTorrent's tit-for-tat has it (Cohen 2003), seen from who asks. */
export class TitForTatPolicy implements Policy {
  readonly name = 'tit-for-tat'
  readonly version = '1'
  readonly readsFeatures = true
  readonly isScored = true

  writeKeys({ count, features }: CandidateSet, keys: Float64Array): void {
    for (let i = 0; i < count; i++) {
      const given = features[i * FEATURE_COUNT + OWN_OK]
      keys[i] = Number.isNaN(given) ? 0 : given
    }
  }
}
