import type { RankingGroups } from './groups.ts'
import { firstChoiceGain, listwiseLossOf, pairwiseAccuracy } from './metrics.ts'
import type { PolicyName } from './policies.ts'
import { createPolicy } from './policies.ts'
import type { TestMetric } from './report.ts'
import { scoreWithModel, scoreWithPolicy } from './score-groups.ts'
import type { ModelScorer } from './scorer.ts'

/** Policies whose scores the model's are held against. */
const BASELINES = ['fastest', 'nearest', 'least-loaded'] as const satisfies readonly PolicyName[]

/** How well a model ranks held-out groups, next to chance and to policies that score by a rule. */
export function evaluateModel(scorer: ModelScorer, test: RankingGroups, temperature: number): TestMetric[] {
  const scores = scoreWithModel(scorer, test)
  const accuracy = pairwiseAccuracy(test, scores)
  const gain = firstChoiceGain(test, scores)
  const flat = new Float64Array(scores.length)
  return [
    {
      name: 'loss',
      value: listwiseLossOf(test, temperature, scores),
      baseline: listwiseLossOf(test, temperature, flat),
      description: 'listwise softmax loss, lower is better; the baseline scores all alike',
    },
    {
      name: 'pairwise accuracy',
      value: accuracy,
      baseline: 0.5,
      description: 'share of pairs of fetches ranked in the order of their goodput; the baseline is chance',
    },
    ...BASELINES.map((name) => ({
      name: `pairwise accuracy vs ${name}`,
      value: accuracy,
      baseline: pairwiseAccuracy(test, scoreWithPolicy(createPolicy(name), test)),
      description: `the same, against the scores of the policy ${name}`,
    })),
    {
      name: 'first-choice gain',
      value: gain,
      baseline: 1,
      description:
        'goodput of the fetch ranked first over that of the mean fetch of its group; the baseline is chance',
    },
    ...BASELINES.map((name) => ({
      name: `first-choice gain vs ${name}`,
      value: gain,
      baseline: firstChoiceGain(test, scoreWithPolicy(createPolicy(name), test)),
      description: `the same, against the scores of the policy ${name}`,
    })),
  ]
}
