import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { Policy } from './policy.ts'

const GOODPUT = FEATURE_INDEX.goodput_bps
const OK = FEATURE_INDEX.own_ok
const FAILED = FEATURE_INDEX.own_failed
const BUSY = FEATURE_INDEX.own_busy

/** Above any bound of a candidate that has been tried. */
const UNTRIED = 100

/**
 * A bandit: highest upper confidence bound first (UCB1; Auer, Cesa-Bianchi and Fischer 2002). The reward of a request is the
 * goodput that it got, as a share of the best candidate's, and 0 where it was refused or failed; whoever has not been tried
 * comes before all others.
 */
export class BanditPolicy implements Policy {
  readonly name = 'bandit'
  readonly version = '1'
  readonly readsFeatures = true
  readonly isScored = true

  writeKeys({ count, features }: CandidateSet, keys: Float64Array): void {
    let allTries = 0
    let bestBps = 0
    for (let i = 0; i < count; i++) {
      const at = i * FEATURE_COUNT
      allTries += triesOf(features, at)
      if (features[at + GOODPUT] > bestBps) bestBps = features[at + GOODPUT]
    }
    for (let i = 0; i < count; i++) {
      const at = i * FEATURE_COUNT
      const tries = triesOf(features, at)
      if (tries === 0) keys[i] = UNTRIED
      else {
        const given = bestBps > 0 ? orZero(features[at + GOODPUT]) / bestBps : 0
        const reward = (given * orZero(features[at + OK])) / tries
        keys[i] = Math.min(UNTRIED, reward + Math.sqrt((2 * Math.log(Math.max(1, allTries))) / tries))
      }
    }
  }
}

/** Requests that have ended, however they did. */
function triesOf(features: Float32Array, at: number): number {
  return orZero(features[at + OK]) + orZero(features[at + FAILED]) + orZero(features[at + BUSY])
}

const orZero = (value: number): number => (value > 0 ? value : 0)
