import * as tf from '@tensorflow/tfjs'
import { FEATURES } from '../peer/protocol/features.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import type { BackendName } from './backend.ts'
import { useBackend } from './backend.ts'
import type { Dataset } from './dataset.ts'
import { loadDataset } from './dataset.ts'
import { TrainingError } from './errors.ts'
import { buildModelReport } from './model-report.ts'
import { checkModelName } from './model-version.ts'
import type { TrainingOptions, TrainingOptionsInput } from './options.ts'
import { resolveTrainingOptions } from './options.ts'
import type { ModelReport } from './report.ts'
import { saveModel } from './save-model.ts'
import type { Training, TrainingProgress } from './train.ts'
import { trainRanker } from './train.ts'
import { hidePeerFeatures, toTrainingData } from './training-data.ts'
import type { InputDefinition } from './inputs.ts'
import { fitInputs } from './inputs.ts'
import { InputTransform } from './transform.ts'

export interface TrainingRequest {
  /** outcomes.parquet of each run. */
  readonly parquetPaths: readonly string[]
  /** What the model card calls the data; left out, its paths. */
  readonly sources?: readonly string[] | undefined
  /** The model folder to write. */
  readonly outDir: string
  readonly name: string
  readonly seed: string
  /** Left out: wasm, or cpu where wasm does not start. */
  readonly backend?: BackendName | undefined
  readonly options?: TrainingOptionsInput | undefined
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined
  /** Told, in a sentence, what the user should know, such as that a slow backend is in use. */
  readonly onNotice?: ((text: string) => void) | undefined
}

export interface TrainedModel {
  readonly modelDir: string
  readonly report: ModelReport
  /** Training rows a second. */
  readonly rowsPerSecond: number
}

/**
 * Trains a ranker on recorded outcomes, evaluates it on swarms it never saw, and writes its folder. Throws TrainingError,
 * DatasetError, BackendError or ModelFileError; then no folder is written.
 */
export async function trainFromRuns(request: TrainingRequest): Promise<TrainedModel> {
  const { name, seed, outDir, onNotice = () => {} } = request
  checkModelName(name)
  const options = resolveTrainingOptions(request.options ?? {})
  const backend = await useBackend(request.backend, onNotice)
  const dataset = await loadDataset(request.parquetPaths, options)
  const { inputs, training } = await fitRanker(dataset, options, seed, request.onProgress)
  const report = buildModelReport({ name, seed, backend, options, dataset, inputs, training })
  await saveModel(outDir, training.mlp, {
    schemaVersion: 2,
    name,
    version: report.version,
    createdAt: new Date().toISOString(),
    versions: { node: process.versions.node, tensorflowjs: tf.version_core },
    data: { ...dataset.summary, sources: [...(request.sources ?? request.parquetPaths)] },
    observable: options.observable,
    features: FEATURES.map((feature) => ({ ...feature })),
    inputs,
    options: { ...options },
    report,
  })
  return { modelDir: outDir, report, rowsPerSecond: training.rowsPerSecond }
}

async function fitRanker(
  dataset: Dataset,
  options: TrainingOptions,
  seed: string,
  onProgress: ((progress: TrainingProgress) => void) | undefined,
): Promise<{ inputs: InputDefinition[]; training: Training }> {
  const hideShare = options.observable === 'peer' ? options.trackerShare : 0
  const train = hidePeerFeatures(dataset.train, hideShare, new SeededRandom(`${seed}/hide`))
  const inputs = fitInputs(train, options.observable)
  if (inputs.length === 0)
    throw new TrainingError('no feature varies in the recorded outcomes: nothing to learn from')
  const transform = new InputTransform(inputs)
  const training = await trainRanker(
    toTrainingData(train, transform, options.temperature),
    toTrainingData(dataset.validation, transform, options.temperature),
    options,
    seed,
    onProgress,
  )
  return { inputs, training }
}
