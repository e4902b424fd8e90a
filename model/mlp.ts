import { SeededRandom } from '../peer/ports/seeded-random.ts'

/** A multilayer perceptron: rectified hidden layers, one linear output. */
export interface Mlp {
  /** Width of the input, of each hidden layer, and of the output (1). */
  readonly sizes: readonly number[]
  /** One a layer, row-major [inputs, outputs]. */
  readonly kernels: readonly Float32Array[]
  readonly biases: readonly Float32Array[]
}

/** Fresh weights (He et al. 2015: normal with variance 2 / inputs), the same for the same seed. */
export function initialMlp(sizes: readonly number[], seed: string): Mlp {
  const kernels = []
  const biases = []
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const random = new SeededRandom(`${seed}/layer/${layer}`)
    const deviation = Math.sqrt(2 / sizes[layer])
    const kernel = new Float32Array(sizes[layer] * sizes[layer + 1])
    for (let i = 0; i < kernel.length; i++) kernel[i] = deviation * normal(random)
    kernels.push(kernel)
    biases.push(new Float32Array(sizes[layer + 1]))
  }
  return { sizes, kernels, biases }
}

export function countParameters({ kernels, biases }: Mlp): number {
  return [...kernels, ...biases].reduce((sum, weights) => sum + weights.length, 0)
}

/** The layer widths as people write them: `31-32-16-1`. */
export const describeArchitecture = ({ sizes }: Mlp): string => sizes.join('-')

/** Standard normal (Box and Muller 1958). */
export function normal(random: { next(): number }): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}
