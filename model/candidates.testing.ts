import type { FeatureName } from '../peer/protocol/features.ts'
import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import type { CandidateSet, DecisionPlace } from '../peer/ports/ranker.ts'

/** A candidate set of the given features; what is not given is unknown. Peers are called '0', '1', … unless named. */
export function candidates(
  rows: readonly Partial<Record<FeatureName, number>>[],
  peerIds: readonly string[] = rows.map((_, i) => String(i)),
  place: DecisionPlace = 'peer',
): CandidateSet {
  const features = new Float32Array(rows.length * FEATURE_COUNT).fill(NaN)
  rows.forEach((row, i) => {
    for (const [name, value] of Object.entries(row))
      features[i * FEATURE_COUNT + FEATURE_INDEX[name as FeatureName]] = value
  })
  return { place, requesterId: 'requester', count: rows.length, peerIds, features }
}
