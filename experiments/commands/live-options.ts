import { randomBytes } from 'node:crypto'
import type { Argv } from 'yargs'
import { loadModel } from '../../model/load-model.ts'
import { POLICY_NAMES, type PolicyName, type PolicySpec } from '../../model/policies.ts'
import type { RankingModel } from '../../model/policy-model.ts'
import { UsageError } from '../errors.ts'
import { ParquetRecorder } from '../parquet-recorder.ts'

/** What every live process takes. */
export interface LiveArguments {
  policy: PolicyName | undefined
  model: string | undefined
  outcomes: string | undefined
  seed: string | undefined
  json: boolean
}

export const liveOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('policy', {
      choices: POLICY_NAMES,
      requiresArg: true,
      describe: 'Seed policy [default: model where --model is given, else random]',
    })
    .option('model', {
      type: 'string',
      requiresArg: true,
      describe: 'Model folder, as `seedbed train` writes it',
    })
    .option('outcomes', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder to write outcome rows to, as Parquet files',
    })
    .option('seed', {
      type: 'string',
      requiresArg: true,
      describe: 'Makes ids and random choices reproducible',
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print the result as JSON on standard output, everything else on standard error',
    })

/** Outcome rows are written at least this often. */
const FLUSH_MS = 30_000

/** What a live process ranks with and records to. */
export interface LiveParts {
  readonly policy: PolicySpec
  readonly model: RankingModel | undefined
  readonly recorder: ParquetRecorder | undefined
  /** Writes the last outcome rows. */
  close(): Promise<void>
}

/** Loads the model and opens the recorder. Throws UsageError and ModelFileError. */
export function openLiveParts(
  role: 'tracker' | 'peer',
  { policy: given, model: folder, outcomes }: LiveArguments,
  warn: (text: string) => void,
): LiveParts {
  const policy = given ?? (folder === undefined ? 'random' : 'model')
  if (policy === 'model' && folder === undefined)
    throw new UsageError('--policy model needs a model: give --model FOLDER (seedbed train writes one)')
  if (policy !== 'model' && folder !== undefined)
    throw new UsageError(`--model has no use with --policy ${policy}: leave one of them out`)
  const model = folder === undefined ? undefined : loadModel(folder)
  const recorder = outcomes === undefined ? undefined : openRecorder(outcomes, role, warn)
  const flush = recorder && setInterval(() => void recorder.flush().catch(warnLost(warn)), FLUSH_MS)
  return {
    policy: { name: policy },
    model,
    recorder,
    close: async () => {
      clearInterval(flush)
      await recorder?.close()
      if (recorder && recorder.dropped > 0)
        warn(`${recorder.dropped} outcome rows were dropped: too many at once`)
    },
  }
}

function openRecorder(folder: string, role: string, warn: (text: string) => void): ParquetRecorder {
  const started = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const runId = `${role}-${started}-${randomBytes(3).toString('hex')}`
  return new ParquetRecorder({ folder, runId, onError: warnLost(warn) })
}

const warnLost =
  (warn: (text: string) => void) =>
  (error: Error): void =>
    warn(`outcome rows could not be written: ${error.message}`)
