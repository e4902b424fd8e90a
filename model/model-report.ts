import type { BackendName } from './backend.ts'
import type { Dataset } from './dataset.ts'
import { evaluateModel } from './evaluate.ts'
import { countItems } from './groups.ts'
import { permutationImportance } from './importance.ts'
import { countParameters, describeArchitecture } from './mlp.ts'
import { modelVersion } from './model-version.ts'
import type { TrainingOptions } from './options.ts'
import type { ModelReport } from './report.ts'
import { ModelScorer } from './scorer.ts'
import type { Training } from './train.ts'
import type { InputDefinition } from './inputs.ts'

export interface TrainedRanker {
  readonly name: string
  readonly seed: string
  readonly backend: BackendName
  readonly options: TrainingOptions
  readonly dataset: Dataset
  readonly inputs: readonly InputDefinition[]
  readonly training: Training
}

/** What is told of a training, with the figures of the test split. */
export function buildModelReport(trained: TrainedRanker): ModelReport {
  const { name, seed, backend, options, dataset, inputs, training } = trained
  const { mlp, curve, bestEpoch, seconds } = training
  const { train, validation, test } = dataset
  const scorer = new ModelScorer(inputs, mlp)
  return {
    name,
    version: modelVersion(inputs, mlp),
    backend,
    seed,
    groups: {
      train: train.lengths.length,
      validation: validation.lengths.length,
      test: test.lengths.length,
    },
    rows: { train: countItems(train), validation: countItems(validation), test: countItems(test) },
    architecture: describeArchitecture(mlp),
    parameters: countParameters(mlp),
    trainSeconds: seconds,
    curve: [...curve],
    bestEpoch,
    testMetrics: evaluateModel(scorer, test, options.temperature),
    importance: permutationImportance(scorer, inputs, test, options.temperature, seed),
  }
}
