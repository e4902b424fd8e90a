import { FEATURE_COUNT } from '../../peer/protocol/features.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { initialMlp } from '../../model/mlp.ts'
import { resolveTrainingOptions } from '../../model/options.ts'
import { createRanker } from '../../model/policies.ts'
import { ModelScorer } from '../../model/scorer.ts'
import { syntheticGroups } from '../../model/synthetic.ts'
import { fitInputs } from '../../model/inputs.ts'

export interface DecisionBenchResult {
  candidates: number
  /** One decision of the policy `model`, from raw features to the chosen seed; median of the batches. */
  microseconds: number
}

const BATCHES = 15
const DECISIONS = 4000

/** Times decisions of the `model` policy with a network of the default size, over changing candidates. */
export function benchDecision({ candidates }: { candidates: number }): DecisionBenchResult {
  const random = new SeededRandom('bench')
  const { features } = syntheticGroups(64, candidates, random)
  const inputs = fitInputs(syntheticGroups(64, 16, random), 'peer')
  const mlp = initialMlp([inputs.length, ...resolveTrainingOptions({}).hidden, 1], 'bench')
  const model = { label: 'bench@0', scorer: new ModelScorer(inputs, mlp) }
  const ranker = createRanker({ name: 'model' }, { random, model })
  const perSet = candidates * FEATURE_COUNT
  const sets = Array.from({ length: 64 }, (_, i) => ({
    place: 'peer' as const,
    requesterId: 'requester',
    count: candidates,
    peerIds: Array.from({ length: candidates }, (_, peer) => `peer-${peer}`),
    features: features.slice(i * perSet, (i + 1) * perSet),
  }))
  const decide = () => {
    for (let i = 0; i < DECISIONS; i++) ranker.rank(sets[i % sets.length], 1)
  }
  decide()
  const times = Array.from({ length: BATCHES }, () => {
    const startedMs = performance.now()
    decide()
    return ((performance.now() - startedMs) * 1000) / DECISIONS
  })
  return { candidates, microseconds: times.sort((a, b) => a - b)[BATCHES >> 1] }
}
