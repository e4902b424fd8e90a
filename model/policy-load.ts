import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { Policy } from './policy.ts'

const ACTIVE = FEATURE_INDEX.active_uploads
const QUEUED = FEATURE_INDEX.queued_uploads
const SLOTS = FEATURE_INDEX.upload_slots
const OWN_INFLIGHT = FEATURE_INDEX.own_inflight

/** Small enough never to outweigh a difference in load: slots and own requests are counts of at most a few hundred. */
const TIE_BREAK = 1e-9

/**
 * Lowest load, (active + queued) / slots, first; own requests under way break ties. A candidate of unknown load counts
 * as carrying the mean of the known ones. Also the measure of `two-choices`.
 */
export class LeastLoadedPolicy implements Policy {
  readonly name: string
  readonly version = '1'
  readonly readsFeatures = true
  readonly isScored = true

  constructor(name: 'least-loaded' | 'two-choices' = 'least-loaded') {
    this.name = name
  }

  writeKeys({ count, features }: CandidateSet, keys: Float64Array): void {
    let sum = 0
    let known = 0
    for (let i = 0; i < count; i++) {
      const load = loadOf(features, i * FEATURE_COUNT)
      if (Number.isNaN(load)) continue
      sum += load
      known++
    }
    const mean = known === 0 ? 0 : sum / known
    for (let i = 0; i < count; i++) {
      const at = i * FEATURE_COUNT
      const load = loadOf(features, at)
      const own = features[at + OWN_INFLIGHT]
      keys[i] = -(Number.isNaN(load) ? mean : load) - (Number.isNaN(own) ? 0 : own * TIE_BREAK)
    }
  }
}

/** Uploads under way and waiting, per slot; unknown slots count as one, an unknown queue as empty. */
function loadOf(features: Float32Array, at: number): number {
  const slots = features[at + SLOTS]
  const queued = features[at + QUEUED]
  return (features[at + ACTIVE] + (Number.isNaN(queued) ? 0 : queued)) / (slots >= 1 ? slots : 1)
}
