import { expect, it } from 'vitest'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { evaluateModel } from './evaluate.ts'
import { emptyGroups } from './groups.ts'
import { permutationImportance } from './importance.ts'
import { firstChoiceGain, listwiseLossOf, pairwiseAccuracy } from './metrics.ts'
import type { Mlp } from './mlp.ts'
import { ModelScorer } from './scorer.ts'
import { syntheticGroups } from './synthetic.ts'
import { fitInputs } from './inputs.ts'

function groupOf(utility: number[]) {
  const groups = emptyGroups(1, 4)
  groups.lengths[0] = utility.length
  groups.utility.set(utility)
  groups.logWeight.fill(0, 0, utility.length)
  return groups
}

it('counts the pairs in the right order, ties half, padding not', () => {
  const groups = groupOf([1, 2, 3])
  expect(pairwiseAccuracy(groups, Float64Array.of(1, 2, 3, 99))).toBe(1)
  expect(pairwiseAccuracy(groups, Float64Array.of(3, 2, 1, 99))).toBe(0)
  expect(pairwiseAccuracy(groups, Float64Array.of(1, 1, 2, 99))).toBeCloseTo(2.5 / 3)
})

it('compares the first choice with the mean of its group', () => {
  const groups = groupOf([Math.log(1), Math.log(4)])
  expect(firstChoiceGain(groups, Float64Array.of(0, 1, 9, 9))).toBeCloseTo(2)
  expect(firstChoiceGain(groups, Float64Array.of(1, 0, 9, 9))).toBeCloseTo(1 / 2)
})

it('has its lowest loss, the entropy of the targets, where scores equal utilities', () => {
  const groups = groupOf([0, Math.log(3)])
  const entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75)
  expect(listwiseLossOf(groups, 1, groups.utility as unknown as Float64Array)).toBeCloseTo(entropy, 6)
  expect(listwiseLossOf(groups, 1, new Float64Array(4))).toBeCloseTo(Math.log(2), 6)
})

const held = syntheticGroups(300, 8, new SeededRandom('held'))
const inputs = fitInputs(held, 'peer')
/** Knows what the synthetic utility is made of: goodput and queue. */
const informed: Mlp = {
  sizes: [inputs.length, 1],
  kernels: [Float32Array.from(inputs, (input) => weightOf(input))],
  biases: [new Float32Array(1)],
}

function weightOf(input: (typeof inputs)[number]): number {
  if (input.kind === 'missing') return 0
  if (input.feature === 'goodput_bps') return input.std
  return input.feature === 'queued_uploads' ? -0.2 * input.std : 0
}

it('holds a model against chance and rules', () => {
  const metrics = new Map(
    evaluateModel(new ModelScorer(inputs, informed), held, 1).map((metric) => [metric.name, metric]),
  )
  expect(metrics.get('loss')!.value).toBeLessThan(metrics.get('loss')!.baseline!)
  expect(metrics.get('pairwise accuracy')!.value).toBeGreaterThan(0.9)
  expect(metrics.get('pairwise accuracy vs nearest')!.baseline).toBeCloseTo(0.5, 1)
  const fastest = metrics.get('pairwise accuracy vs fastest')!
  expect(fastest.baseline).toBeGreaterThan(0.75)
  expect(fastest.baseline).toBeLessThan(fastest.value)
})

it('finds the features that matter, and leaves the data as it was', () => {
  const before = held.features.slice()
  const scorer = new ModelScorer(inputs, informed)
  const importance = permutationImportance(scorer, inputs, held, 1, 'seed')
  expect(held.features).toEqual(before)
  expect(importance.slice(0, 2).map(({ feature }) => feature)).toEqual(['goodput_bps', 'queued_uploads'])
  for (const { lossIncrease, ci95 } of importance.slice(0, 2)) {
    expect(ci95![0]).toBeGreaterThan(0)
    expect(ci95![1]).toBeGreaterThan(lossIncrease)
  }
  expect(importance.slice(2).every(({ lossIncrease }) => lossIncrease === 0)).toBe(true)
  expect(permutationImportance(scorer, inputs, held, 1, 'seed')).toEqual(importance)
})
