import type { Argv } from 'yargs'
import { checkScorer } from '../../model/check-scorer.ts'
import { type LoadedModel, openModel, readModelFiles } from '../../model/load-model.ts'
import { POLICY_NAMES, type PolicyName, type PolicySpec } from '../../model/policies.ts'
import { UsageError } from '../errors.ts'
import type { LiveOutcomes } from '../store/live-outcomes.ts'
import { openStoreOf, type StoreArguments, storeOptions } from './store-options.ts'

/** What every live process takes. */
export interface LiveArguments extends StoreArguments {
  policy: PolicyName | undefined
  model: string | undefined
  seed: string | undefined
  json: boolean
}

export const liveOptions = <T>(yargs: Argv<T>) =>
  storeOptions(yargs)
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
    .option('seed', {
      type: 'string',
      requiresArg: true,
      describe: 'Makes ids and random choices reproducible',
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print JSON for programs on standard output, one object a line (docs/playing.md)',
    })

/** What a live process ranks with and records to. */
export interface LiveParts {
  readonly policy: PolicySpec
  readonly model: LoadedModel | undefined
  /** Undefined where nothing is kept. */
  readonly outcomes: LiveOutcomes | undefined
  /** Writes the last outcome rows. */
  close(): Promise<void>
}

/** Loads the model and opens the store. Rejects with UsageError, ModelFileError and InvalidStoreError. */
export async function openLiveParts(
  role: 'tracker' | 'peer',
  { policy, model, ...store }: LiveArguments,
  warn: (text: string) => void,
): Promise<LiveParts> {
  const chosen = choosePolicy({ policy, model })
  const outcomes = await openStoreOf(store, role, warn)
  return { ...chosen, outcomes, close: async () => outcomes?.close() }
}

/** The policy that a command line asks for, with its model; `files` are those of its folder where they were read. Throws UsageError and ModelFileError. */
export function choosePolicy(
  { policy: given, model: folder }: Pick<LiveArguments, 'policy' | 'model'>,
  files?: ReadonlyMap<string, Uint8Array>,
): Pick<LiveParts, 'policy' | 'model'> {
  const policy = given ?? (folder === undefined ? 'random' : 'model')
  if (policy === 'model' && folder === undefined)
    throw new UsageError('--policy model needs a model: give --model FOLDER (seedbed train writes one)')
  if (policy !== 'model' && folder !== undefined)
    throw new UsageError(`--model has no use with --policy ${policy}: leave one of them out`)
  const model = folder === undefined ? undefined : openModel(files ?? readModelFiles(folder), folder)
  if (model) checkScorer(model)
  return { policy: { name: policy }, model }
}
