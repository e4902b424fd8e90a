import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, it } from 'vitest'
import { useBackend } from './backend.ts'
import { NO_ITEM } from './groups.ts'
import { initialMlp } from './mlp.ts'
import { toLayersModel } from './layers-model.ts'
import { listwiseLoss, RankingNetwork } from './network.ts'

beforeAll(async () => {
  await useBackend('wasm', () => {})
})

const inputs = () => tf.randomNormal([6, 5], 0, 1, 'float32', 7) as tf.Tensor2D
const targets = () => tf.tensor2d([0.5, 0.3, 0.2, 0.9, 0.1, 0], [2, 3])
const logWeight = () => tf.tensor2d([0, 1, 0.5, 0, 0.2, NO_ITEM], [2, 3])

it('computes what the layers model computes', () => {
  tf.tidy(() => {
    const mlp = initialMlp([5, 7, 3, 1], 'test')
    const network = new RankingNetwork(mlp)
    const model = toLayersModel(mlp)
    const x = inputs()
    const expected = (model.predict(x) as tf.Tensor).dataSync()
    const scores = network.forward(x).dataSync()
    scores.forEach((score, i) => expect(score).toBeCloseTo(expected[i], 5))
    network.dispose()
    model.dispose()
  })
})

it('gives the gradients that automatic differentiation gives', () => {
  tf.tidy(() => {
    const mlp = initialMlp([5, 4, 1], 'test')
    const network = new RankingNetwork(mlp)
    const x = inputs()
    const { value, grads } = tf.variableGrads(() =>
      listwiseLoss(network.forward(x).reshape([2, 3]), targets(), logWeight()),
    )
    const variables = network.variables.map((variable) => variable.clone())
    const plain = (w1: tf.Tensor, w2: tf.Tensor, b1: tf.Tensor, b2: tf.Tensor) => {
      const hidden = x.matMul(w1).add(b1).relu()
      const weighted = hidden.matMul(w2).add(b2).reshape([2, 3]).add(logWeight())
      const logProbability = weighted.sub(weighted.logSumExp(1, true))
      return logProbability.mul(targets()).sum(1).mean().neg() as tf.Scalar
    }
    const expected = tf.valueAndGrads(plain as (...args: tf.Tensor[]) => tf.Tensor)(variables)
    expect(value.dataSync()[0]).toBeCloseTo(expected.value.dataSync()[0], 4)
    network.variables.forEach((variable, i) => {
      const gradient = grads[variable.name].dataSync()
      expected.grads[i].dataSync().forEach((g, j) => expect(gradient[j]).toBeCloseTo(g, 5))
    })
    network.dispose()
  })
})

it('does not let importance weights alone move scores', () => {
  tf.tidy(() => {
    // Equal utilities: the targets are the normalised weights, and equal scores must be the optimum.
    const weights = tf.tensor2d([1, 5, 2], [1, 3])
    const shares = weights.div(weights.sum()) as tf.Tensor2D
    const gradient = tf.grad((scores) => listwiseLoss(scores, shares, weights.log()))(tf.zeros([1, 3]))
    gradient.dataSync().forEach((g) => expect(g).toBeCloseTo(0, 6))
  })
})
