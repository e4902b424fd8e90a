import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, it } from 'vitest'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { useBackend } from './backend.ts'
import { listwiseLossOf, pairwiseAccuracy } from './metrics.ts'
import { scoreWithModel } from './score-groups.ts'
import { ModelScorer } from './scorer.ts'
import { syntheticGroups } from './synthetic.ts'
import { trainRanker } from './train.ts'
import { toTrainingData } from './training-data.ts'
import { fitInputs } from './inputs.ts'
import { InputTransform } from './transform.ts'

const groups = syntheticGroups(600, 8, new SeededRandom('train'))
const held = syntheticGroups(150, 8, new SeededRandom('validation'))
const inputs = fitInputs(groups, 'peer')
const transform = new InputTransform(inputs)
const training = toTrainingData(groups, transform, 1)
const validation = toTrainingData(held, transform, 1)
const options = { hidden: [16, 8], learningRate: 0.01, batchGroups: 32, maxEpochs: 8, patience: 2 }

beforeAll(async () => {
  await useBackend('wasm', () => {})
})

it('learns to rank, reports each epoch, keeps the best weights and no tensor', async () => {
  const before = tf.memory().numTensors
  const epochs: number[] = []
  const result = await trainRanker(training, validation, options, 'seed', ({ epoch, rowsPerSecond }) => {
    epochs.push(epoch)
    expect(rowsPerSecond).toBeGreaterThan(0)
  })
  expect(tf.memory().numTensors).toBe(before)
  expect(epochs).toEqual(result.curve.map(({ epoch }) => epoch))
  const lowest = Math.min(...result.curve.map(({ validationLoss }) => validationLoss))
  expect(result.curve[result.bestEpoch - 1].validationLoss).toBe(lowest)
  const scores = scoreWithModel(new ModelScorer(inputs, result.mlp), held)
  expect(listwiseLossOf(held, 1, scores)).toBeCloseTo(lowest, 4)
  expect(pairwiseAccuracy(held, scores)).toBeGreaterThan(0.85)
})

it('gives the same weights for the same seed, others for another', async () => {
  const run = async (seed: string) =>
    (await trainRanker(training, validation, { ...options, maxEpochs: 2 }, seed)).mlp
  const [first, second, other] = [await run('a'), await run('a'), await run('b')]
  expect(second).toEqual(first)
  expect(other).not.toEqual(first)
})

it('stops when the validation loss no longer falls', async () => {
  // Targets of the validation split are uniform noise: there is nothing to gain after the first epochs.
  const random = new SeededRandom('noise')
  const noise = toTrainingData({ ...held, utility: held.utility.map(() => random.next() * 3) }, transform, 1)
  const { curve, bestEpoch } = await trainRanker(training, noise, { ...options, maxEpochs: 40 }, 'seed')
  expect(curve.length).toBe(bestEpoch + options.patience)
})

it('says so when it diverges', async () => {
  const broken = { ...training, inputs: training.inputs.map(() => NaN) }
  await expect(trainRanker(broken, validation, options, 'seed')).rejects.toThrow(
    /^training diverged in epoch 1: loss NaN \(lower learningRate, now 0.01\)/,
  )
})
