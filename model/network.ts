import * as tf from '@tensorflow/tfjs'
import type { Mlp } from './mlp.ts'

type Kernel = tf.Variable<tf.Rank.R2>
type Bias = tf.Variable<tf.Rank.R1>

/** A multilayer perceptron in TensorFlow.js variables, for training. Call `dispose` when done. */
export class RankingNetwork {
  readonly #sizes: readonly number[]
  readonly #kernels: readonly Kernel[]
  readonly #biases: readonly Bias[]

  constructor({ sizes, kernels, biases }: Mlp) {
    this.#sizes = sizes
    this.#kernels = kernels.map((values, i) =>
      tf.tidy(() => tf.variable(tf.tensor2d(values.slice(), [sizes[i], sizes[i + 1]]))),
    )
    this.#biases = biases.map((values) => tf.tidy(() => tf.variable(tf.tensor1d(values.slice()))))
  }

  get variables(): tf.Variable[] {
    return [...this.#kernels, ...this.#biases]
  }

  /** Scores of rows of inputs, [rows, I] to [rows, 1]. */
  forward(inputs: tf.Tensor2D): tf.Tensor2D {
    const last = this.#kernels.length - 1
    let x = inputs
    for (let i = 0; i <= last; i++) x = dense(x, this.#kernels[i], this.#biases[i], i > 0, i < last)
    return x
  }

  /** Copies the weights out. */
  toMlp(): Mlp {
    return {
      sizes: this.#sizes,
      kernels: this.#kernels.map((kernel) => Float32Array.from(kernel.dataSync())),
      biases: this.#biases.map((bias) => Float32Array.from(bias.dataSync())),
    }
  }

  dispose(): void {
    tf.dispose(this.variables)
  }
}

/**
 * relu(x W + b), or without the relu. The gradient is written out because the backends are faster with explicit
 * transposes than with the transposing products that automatic differentiation makes, and because the first layer
 * needs none for its inputs.
 */
function dense(
  x: tf.Tensor2D,
  kernel: Kernel,
  bias: Bias,
  needsInputGradient: boolean,
  isRectified: boolean,
): tf.Tensor2D {
  const activation = isRectified ? 'relu' : 'linear'
  const layer = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args[args.length - 1] as tf.GradSaveFunc
    const value = tf.fused.matMul({ a: x, b: kernel, bias, activation })
    save([x, kernel, value])
    const gradFunc = (dy: tf.Tensor, [input, weights, output]: tf.Tensor[]) => {
      const d = isRectified ? dy.mul(output.step()) : dy
      const gradients = [tf.matMul(input.transpose(), d), d.sum(0)]
      return needsInputGradient ? [...gradients, tf.matMul(d, weights.transpose())] : gradients
    }
    return { value, gradFunc }
  })
  return (needsInputGradient ? layer(kernel, bias, x) : layer(kernel, bias)) as tf.Tensor2D
}

/**
 * Listwise softmax loss with importance weights and mask: the mean over groups of the cross entropy between `targets`
 * and softmax(scores + logWeight), all [groups, K]. Without weights this is ListNet's top-one loss (Cao et al. 2007);
 * the weights stand on both sides, or else candidates would score high for having been chosen seldom.
 */
export function listwiseLoss(scores: tf.Tensor, targets: tf.Tensor, logWeight: tf.Tensor): tf.Scalar {
  const loss = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [raw, save] = args as [tf.Tensor, tf.GradSaveFunc]
    const weighted = raw.add(logWeight)
    const value = weighted.logSumExp(1).sub(weighted.mul(targets).sum(1)).mean()
    save([weighted.softmax().sub(targets)])
    const gradFunc = (dy: tf.Tensor, [excess]: tf.Tensor[]) => excess.mul(dy.div(excess.shape[0]))
    return { value, gradFunc }
  })
  return loss(scores) as tf.Scalar
}
