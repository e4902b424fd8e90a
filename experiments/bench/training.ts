import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import type { BackendName } from '../../model/backend.ts'
import { useBackend } from '../../model/backend.ts'
import { BackendError } from '../../model/errors.ts'
import { resolveTrainingOptions } from '../../model/options.ts'
import { syntheticGroups } from '../../model/synthetic.ts'
import { trainRanker } from '../../model/train.ts'
import { toTrainingData } from '../../model/training-data.ts'
import { fitInputs } from '../../model/inputs.ts'
import { InputTransform } from '../../model/transform.ts'

export interface TrainingBenchResult {
  backend: BackendName
  rowsPerSecond: number
}

const GROUPS = 4000
const EPOCHS = 3

/**
 * Trains a ranker of the default size on made-up groups, on each backend that starts; `onSkip` is told, in a sentence,
 * why one did not. The first epoch, which includes start-up, does not count.
 */
export async function benchTraining(
  backends: readonly BackendName[],
  onSkip: (text: string) => void,
): Promise<TrainingBenchResult[]> {
  const options = resolveTrainingOptions({ maxEpochs: 1 })
  const random = new SeededRandom('bench')
  const groups = syntheticGroups(GROUPS, options.groupSize, random)
  const held = syntheticGroups(8, options.groupSize, random)
  const transform = new InputTransform(fitInputs(groups, 'peer'))
  const training = toTrainingData(groups, transform, options.temperature)
  const validation = toTrainingData(held, transform, options.temperature)
  const results: TrainingBenchResult[] = []
  for (const backend of backends) {
    try {
      await useBackend(backend, () => {})
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      onSkip(error.message)
      continue
    }
    const rates: number[] = []
    for (let epoch = 0; epoch <= EPOCHS; epoch++)
      rates.push((await trainRanker(training, validation, options, 'bench')).rowsPerSecond)
    results.push({ backend, rowsPerSecond: Math.max(...rates.slice(1)) })
  }
  return results
}
