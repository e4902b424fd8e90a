import type { InputDefinition } from './inputs.ts'
import { InputStage } from './input-stage.ts'
import { BATCH_ROWS, Kernel } from './kernel.ts'

/** Turns raw features into network inputs for training, with the very code that scores live. */
export class InputTransform {
  /** Inputs a row. */
  readonly width: number
  readonly #stage: InputStage
  readonly #scaled: Float32Array

  constructor(inputs: readonly InputDefinition[]) {
    const kernel = new Kernel(InputStage.areaLengths(inputs.length))
    this.width = inputs.length
    this.#stage = new InputStage(kernel, kernel.areas, inputs)
    this.#scaled = kernel.areas[2].floats
  }

  /** Writes the inputs of rows `from` to `from + rows - 1` of raw features to `out`, row-major, from row `from` on. */
  write(features: Float32Array, from: number, rows: number, out: Float32Array): void {
    for (let done = 0; done < rows; done += BATCH_ROWS) {
      const batch = Math.min(BATCH_ROWS, rows - done)
      this.#stage.run(features, from + done, batch)
      for (let row = 0; row < batch; row++) {
        const at = (from + done + row) * this.width
        for (let i = 0; i < this.width; i++) out[at + i] = this.#scaled[i * BATCH_ROWS + row]
      }
    }
  }
}
