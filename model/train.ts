import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import { SeededRandom, shuffle } from '../peer/ports/seeded-random.ts'
import { TrainingError } from './errors.ts'
import type { Mlp } from './mlp.ts'
import { initialMlp } from './mlp.ts'
import { listwiseLoss, RankingNetwork } from './network.ts'
import type { TrainingOptions } from './options.ts'
import type { TrainingData } from './training-data.ts'

export interface Epoch {
  /** From 1. */
  readonly epoch: number
  /** Mean over the epoch's steps. */
  readonly trainLoss: number
  readonly validationLoss: number
}

export interface Training {
  /** The weights of the epoch with the lowest validation loss. */
  readonly mlp: Mlp
  readonly curve: readonly Epoch[]
  readonly bestEpoch: number
  /** Wall time of the whole training. */
  readonly seconds: number
  /** Training rows (padding not counted) a second, validation not counted. */
  readonly rowsPerSecond: number
}

export interface TrainingProgress extends Epoch {
  readonly maxEpochs: number
  readonly rowsPerSecond: number
}

export type FittingOptions = Pick<
  TrainingOptions,
  'hidden' | 'learningRate' | 'batchGroups' | 'maxEpochs' | 'patience'
>

/** Steps between two breaths for other work of the process. */
const STEPS_PER_TURN = 16

/**
 * Trains a ranker on TensorFlow.js's current backend with Adam, until the validation loss has not fallen for `patience`
 * epochs. The same data, options, seed and backend give the same weights. Throws TrainingError where it diverges.
 */
export async function trainRanker(
  training: TrainingData,
  validation: TrainingData,
  options: FittingOptions,
  seed: string,
  onEpoch: (progress: TrainingProgress) => void = () => {},
): Promise<Training> {
  const startedMs = performance.now()
  const random = new SeededRandom(seed)
  const network = new RankingNetwork(initialMlp([training.width, ...options.hidden, 1], seed))
  const optimizer = tf.train.adam(options.learningRate)
  const order = Array.from({ length: training.groups }, (_, i) => i)
  const curve: Epoch[] = []
  let best = { epoch: 0, loss: Infinity, mlp: network.toMlp() }
  let busyMs = 0
  try {
    for (let epoch = 1; epoch <= options.maxEpochs && epoch - best.epoch <= options.patience; epoch++) {
      shuffle(order, random.fork('epoch', epoch))
      const epochStartedMs = performance.now()
      const trainLoss = await runEpoch(network, training, order, options.batchGroups, optimizer)
      busyMs += performance.now() - epochStartedMs
      const validationLoss = meanLoss(network, validation, options.batchGroups)
      if (!Number.isFinite(trainLoss + validationLoss))
        throw new TrainingError(
          `training diverged in epoch ${epoch}: loss ${trainLoss} (lower learningRate, now ${options.learningRate})`,
        )
      curve.push({ epoch, trainLoss, validationLoss })
      if (validationLoss < best.loss) best = { epoch, loss: validationLoss, mlp: network.toMlp() }
      const rowsPerSecond = (1000 * training.items * epoch) / busyMs
      onEpoch({ epoch, maxEpochs: options.maxEpochs, trainLoss, validationLoss, rowsPerSecond })
    }
  } finally {
    optimizer.dispose()
    network.dispose()
  }
  return {
    mlp: best.mlp,
    curve,
    bestEpoch: best.epoch,
    seconds: (performance.now() - startedMs) / 1000,
    rowsPerSecond: (1000 * training.items * curve.length) / busyMs,
  }
}

/** One pass over the groups in the given order, a gradient step a batch; returns the mean loss. */
async function runEpoch(
  network: RankingNetwork,
  data: TrainingData,
  order: readonly number[],
  batchGroups: number,
  optimizer: tf.Optimizer,
): Promise<number> {
  const batch = new Batch(data, batchGroups)
  let sum = 0
  for (let from = 0, step = 1; from < order.length; from += batchGroups, step++) {
    const groups = batch.fill(order, from)
    sum +=
      groups *
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => batch.loss(network), network.variables)
        optimizer.applyGradients(grads)
        return value.dataSync()[0]
      })
    if (step % STEPS_PER_TURN === 0) await setImmediate()
  }
  return sum / order.length
}

/** Mean loss over all groups, without training. */
function meanLoss(network: RankingNetwork, data: TrainingData, batchGroups: number): number {
  const order = Array.from({ length: data.groups }, (_, i) => i)
  const batch = new Batch(data, batchGroups)
  let sum = 0
  for (let from = 0; from < order.length; from += batchGroups)
    sum += batch.fill(order, from) * tf.tidy(() => batch.loss(network).dataSync()[0])
  return sum / order.length
}

/** Groups gathered for one step, in buffers that every step reuses. */
class Batch {
  readonly #data: TrainingData
  readonly #inputs: Float32Array
  readonly #targets: Float32Array
  readonly #logWeight: Float32Array
  #groups = 0

  constructor(data: TrainingData, capacity: number) {
    this.#data = data
    this.#inputs = new Float32Array(capacity * data.size * data.width)
    this.#targets = new Float32Array(capacity * data.size)
    this.#logWeight = new Float32Array(capacity * data.size)
  }

  /** Takes the groups from `order[from]` on, as many as fit; returns how many. */
  fill(order: readonly number[], from: number): number {
    const { size, width, inputs, targets, logWeight } = this.#data
    this.#groups = Math.min(this.#targets.length / size, order.length - from)
    for (let i = 0; i < this.#groups; i++) {
      const group = order[from + i]
      const start = group * size
      const end = start + size
      this.#inputs.set(inputs.subarray(start * width, end * width), i * size * width)
      this.#targets.set(targets.subarray(start, end), i * size)
      this.#logWeight.set(logWeight.subarray(start, end), i * size)
    }
    return this.#groups
  }

  /** The loss of the groups taken last; the caller tidies. */
  loss(network: RankingNetwork): tf.Scalar {
    const { size, width } = this.#data
    const rows = this.#groups * size
    const take = (values: Float32Array) =>
      tf.tensor2d(values.subarray(0, rows), [this.#groups, size], 'float32')
    const inputs = tf.tensor2d(this.#inputs.subarray(0, rows * width), [rows, width], 'float32')
    const scores = network.forward(inputs).reshape([this.#groups, size])
    return listwiseLoss(scores, take(this.#targets), take(this.#logWeight))
  }
}
