import { FEATURE_COUNT } from '../peer/protocol/features.ts'
import { quote } from '../peer/protocol/ids.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { ModelFileError } from './errors.ts'
import type { LoadedModel } from './load-model.ts'
import { type Mlp, normal } from './mlp.ts'
import { InputTransform } from './transform.ts'

const ROWS = 100
/** Single precision over sums of up to 512 products. */
const TOLERANCE = 1e-4

/**
 * Scores candidates drawn at random, some of whose features are unknown, in the kernel and in plain arithmetic. Throws
 * ModelFileError where the two differ, or where a score is not finite.
 */
export function checkScorer({ label, inputs, mlp, scorer }: LoadedModel): void {
  const random = new SeededRandom(`check/${label}`)
  const features = Float32Array.from({ length: ROWS * FEATURE_COUNT }, () =>
    random.next() < 0.2 ? NaN : Math.exp(4 * normal(random)),
  )
  const scores = new Float64Array(ROWS)
  scorer.score(features, ROWS, scores)
  const scaled = new Float32Array(ROWS * inputs.length)
  new InputTransform(inputs).write(features, 0, ROWS, scaled)
  scores.forEach((score, row) => {
    const expected = forward(mlp, scaled.subarray(row * inputs.length, (row + 1) * inputs.length))
    if (!(Math.abs(score - expected) <= TOLERANCE * Math.max(1, Math.abs(expected))))
      throw new ModelFileError(
        `invalid model ${quote(label)}: the kernel scores ${score} where arithmetic gives ${expected} (its weights are out of range: train it again)`,
      )
  })
}

function forward({ sizes, kernels, biases }: Mlp, inputs: Float32Array): number {
  let values = Array.from(inputs)
  kernels.forEach((kernel, layer) => {
    const outputs = sizes[layer + 1]
    const isHidden = layer + 1 < kernels.length
    values = Array.from({ length: outputs }, (_, o) => {
      const sum = values.reduce(
        (total, value, i) => total + value * kernel[i * outputs + o],
        biases[layer][o],
      )
      return isHidden ? Math.max(0, sum) : sum
    })
  })
  return values[0]
}
