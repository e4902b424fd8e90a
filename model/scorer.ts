import type { InputDefinition } from './inputs.ts'
import { InputStage } from './input-stage.ts'
import { BATCH_ROWS, Kernel } from './kernel.ts'
import type { Mlp } from './mlp.ts'

/** Where a layer finds its operands in the kernel's memory, and how it is shaped. */
interface Layer {
  readonly x: number
  readonly inputs: number
  readonly kernel: number
  readonly bias: number
  readonly y: number
  readonly outputs: number
  readonly isHidden: boolean
}

/** Scores candidates with a trained network, without TensorFlow.js. */
export class ModelScorer {
  readonly #kernel: Kernel
  readonly #stage: InputStage
  readonly #layers: readonly Layer[]
  readonly #scores: Float32Array

  constructor(inputs: readonly InputDefinition[], { sizes, kernels, biases }: Mlp) {
    const stageLengths = InputStage.areaLengths(inputs.length)
    const layerLengths = kernels.flatMap((kernel, i) => [
      kernel.length,
      biases[i].length,
      biases[i].length * BATCH_ROWS,
    ])
    this.#kernel = new Kernel([...stageLengths, ...layerLengths])
    const { areas } = this.#kernel
    this.#stage = new InputStage(this.#kernel, areas, inputs)
    this.#layers = kernels.map((weights, i) => {
      const [x, kernel, bias, y] = areas.slice(stageLengths.length - 1 + i * 3)
      kernel.floats.set(weights)
      bias.floats.set(biases[i])
      const isHidden = i + 1 < kernels.length
      return {
        ...{ x: x.at, kernel: kernel.at, bias: bias.at, y: y.at },
        ...{ inputs: sizes[i], outputs: sizes[i + 1], isHidden },
      }
    })
    this.#scores = areas[areas.length - 1].floats
  }

  /** Writes one score a candidate, higher is better. `features`: row-major [count, FEATURE_COUNT], NaN where unknown. */
  score(features: Float32Array, count: number, out: Float64Array): void {
    const { dense } = this.#kernel.run
    for (let from = 0; from < count; from += BATCH_ROWS) {
      const rows = Math.min(BATCH_ROWS, count - from)
      const padded = (rows + 7) & ~7
      this.#stage.run(features, from, rows)
      for (const { x, inputs, kernel, bias, y, outputs, isHidden } of this.#layers)
        dense(x, inputs, kernel, bias, y, outputs, padded, isHidden)
      for (let r = 0; r < rows; r++) out[from + r] = this.#scores[r]
    }
  }
}
