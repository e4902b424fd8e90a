import { FEATURE_COUNT } from '../peer/protocol/features.ts'
import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { RankingGroups } from './groups.ts'
import type { Policy } from './policy.ts'
import type { ModelScorer } from './scorer.ts'

/** Scores of a model for every place of every group, [G, K]; those of padding mean nothing. */
export function scoreWithModel(scorer: ModelScorer, { features, logWeight }: RankingGroups): Float64Array {
  const scores = new Float64Array(logWeight.length)
  scorer.score(features, logWeight.length, scores)
  return scores
}

/** Keys that a policy gives the items of each group, as if they were the candidates of one decision, [G, K]. */
export function scoreWithPolicy(policy: Policy, { size, lengths, features }: RankingGroups): Float64Array {
  const keys = new Float64Array(lengths.length * size)
  for (let group = 0; group < lengths.length; group++) {
    const from = group * size
    const candidates: CandidateSet = {
      place: 'peer',
      requesterId: '',
      count: lengths[group],
      peerIds: [],
      features: features.subarray(from * FEATURE_COUNT, (from + size) * FEATURE_COUNT),
    }
    policy.writeKeys(candidates, keys.subarray(from, from + size))
  }
  return keys
}
