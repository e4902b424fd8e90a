import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { FEATURE_COUNT } from '../peer/protocol/features.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { buildKernel } from '../tools/build-kernel.mjs'
import { useBackend } from './backend.ts'
import { toLayersModel } from './layers-model.ts'
import { initialMlp, normal } from './mlp.ts'
import { ModelScorer } from './scorer.ts'
import { syntheticGroups } from './synthetic.ts'
import { fitInputs } from './inputs.ts'
import { InputTransform } from './transform.ts'

beforeAll(async () => {
  await useBackend('wasm', () => {})
})

const inputs = fitInputs(syntheticGroups(50, 8, new SeededRandom('fit')), 'peer')
const transform = new InputTransform(inputs)

it('was compiled from the kernel source as it is', async () => {
  expect(await buildKernel()).toBe(false)
})

it('scores as TensorFlow.js does, whatever the network and the candidates', () => {
  const network = fc.record({
    hidden: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
    seed: fc.string(),
    count: fc.integer({ min: 1, max: 150 }),
  })
  fc.assert(
    fc.property(network, ({ hidden, seed, count }) => {
      const random = new SeededRandom(seed)
      const initial = initialMlp([inputs.length, ...hidden, 1], seed)
      const mlp = { ...initial, biases: initial.biases.map((bias) => bias.map(() => normal(random))) }
      const features = Float32Array.from({ length: count * FEATURE_COUNT }, () =>
        random.next() < 0.2 ? NaN : Math.exp(4 * normal(random)),
      )
      const scores = new Float64Array(count)
      new ModelScorer(inputs, mlp).score(features, count, scores)
      const expected = referenceScores(mlp, features, count)
      scores.forEach((score, i) => {
        expect(Math.abs(score - expected[i])).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(expected[i])))
      })
    }),
    { numRuns: 60 },
  )
})

function referenceScores(mlp: Parameters<typeof toLayersModel>[0], features: Float32Array, count: number) {
  const scaled = new Float32Array(count * inputs.length)
  transform.write(features, 0, count, scaled)
  return tf.tidy(() => {
    const model = toLayersModel(mlp)
    const scores = (model.predict(tf.tensor2d(scaled, [count, inputs.length])) as tf.Tensor).dataSync()
    model.dispose()
    return scores
  })
}
