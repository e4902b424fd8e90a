import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import { SeededRandom, shuffle } from '../peer/ports/seeded-random.ts'
import type { RankingGroups } from './groups.ts'
import { listwiseLossOf } from './metrics.ts'
import type { FeatureImportance } from './report.ts'
import { scoreWithModel } from './score-groups.ts'
import type { ModelScorer } from './scorer.ts'
import type { InputDefinition } from './inputs.ts'

const REPEATS = 10
/** Two-sided 95 % quantile of Student's t with REPEATS - 1 degrees of freedom. */
const T_95 = 2.262
/** Groups that the importance is measured on, at most: the first of the split. */
const MAX_GROUPS = 1500

/**
 * Permutation importance (Breiman 2001): the rise of the loss when one feature's raw values are shuffled among all items,
 * so that its scaled value and its indicator of being unknown move together. The interval is over repeated shuffles.
 * Most important first.
 */
export function permutationImportance(
  scorer: ModelScorer,
  inputs: readonly InputDefinition[],
  data: RankingGroups,
  temperature: number,
  seed: string,
): FeatureImportance[] {
  const groups = firstGroups(data, MAX_GROUPS)
  const rows = itemRows(groups)
  const lossOf = () => listwiseLossOf(groups, temperature, scoreWithModel(scorer, groups))
  const base = lossOf()
  const features = [...new Set(inputs.map(({ feature }) => feature))]
  return features
    .map((feature) => {
      const column = FEATURE_INDEX[feature]
      const original = Array.from(rows, (row) => groups.features[row * FEATURE_COUNT + column])
      const rises: number[] = []
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const random = new SeededRandom(`${seed}/importance/${feature}/${repeat}`)
        const shuffled = shuffle(original.slice(), random)
        rows.forEach((row, i) => (groups.features[row * FEATURE_COUNT + column] = shuffled[i]))
        rises.push(lossOf() - base)
      }
      rows.forEach((row, i) => (groups.features[row * FEATURE_COUNT + column] = original[i]))
      return { feature, ...meanWithInterval(rises) }
    })
    .sort((a, b) => b.lossIncrease - a.lossIncrease)
}

function firstGroups(data: RankingGroups, most: number): RankingGroups {
  const count = Math.min(most, data.lengths.length)
  const places = count * data.size
  return {
    size: data.size,
    lengths: data.lengths.subarray(0, count),
    features: data.features.slice(0, places * FEATURE_COUNT),
    utility: data.utility.subarray(0, places),
    logWeight: data.logWeight.subarray(0, places),
  }
}

function itemRows({ lengths, size }: RankingGroups): Uint32Array {
  const rows: number[] = []
  lengths.forEach((length, group) => {
    for (let i = 0; i < length; i++) rows.push(group * size + i)
  })
  return Uint32Array.from(rows)
}

function meanWithInterval(values: readonly number[]): Omit<FeatureImportance, 'feature'> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  const half = T_95 * Math.sqrt(squares / (values.length - 1) / values.length)
  return { lossIncrease: mean, ci95: [mean - half, mean + half] }
}
