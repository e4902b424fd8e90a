import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import type { InputDefinition } from './inputs.ts'
import { MAX_DEVIATIONS } from './inputs.ts'
import type { Area, Kernel } from './kernel.ts'
import { BATCH_ROWS } from './kernel.ts'

const WORDS_PER_INPUT = 4
const KINDS = { missing: 0, log1p: 1, identity: 2 } as const

/** The kernel's first step: raw features to network inputs. */
export class InputStage {
  readonly #kernel: Kernel
  readonly #features: Area
  readonly #table: Area
  readonly #scaled: Area
  readonly #inputs: number

  /** Lengths of the three areas that the stage needs. */
  static areaLengths(inputs: number): number[] {
    return [BATCH_ROWS * FEATURE_COUNT, inputs * WORDS_PER_INPUT, inputs * BATCH_ROWS]
  }

  constructor(
    kernel: Kernel,
    [features, table, scaled]: readonly Area[],
    inputs: readonly InputDefinition[],
  ) {
    this.#kernel = kernel
    this.#features = features
    this.#table = table
    this.#scaled = scaled
    this.#inputs = inputs.length
    inputs.forEach((input, i) => {
      const at = i * WORDS_PER_INPUT
      table.words[at] = FEATURE_INDEX[input.feature] * 4
      table.words[at + 1] = KINDS[input.kind === 'missing' ? 'missing' : input.transform]
      table.floats[at + 2] = input.kind === 'missing' ? 0 : input.mean
      table.floats[at + 3] = input.kind === 'missing' ? 0 : 1 / input.std
    })
  }

  /** Scales rows `from` to `from + rows - 1`, at most BATCH_ROWS; input `i` of row `r` lands at [i * BATCH_ROWS + r]. */
  run(features: Float32Array, from: number, rows: number): void {
    this.#features.floats.set(features.subarray(from * FEATURE_COUNT, (from + rows) * FEATURE_COUNT))
    const padded = (rows + 3) & ~3
    this.#kernel.run.scale(
      this.#features.at,
      FEATURE_COUNT * 4,
      this.#table.at,
      this.#inputs,
      this.#scaled.at,
      padded,
      MAX_DEVIATIONS,
    )
  }
}
