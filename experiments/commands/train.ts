import { basename, dirname, resolve } from 'node:path'
import type { ArgumentsCamelCase, CommandModule } from 'yargs'
import { BACKEND_NAMES, type BackendName } from '../../model/backend.ts'
import { type Deployment, DEPLOYMENTS } from '../../peer/protocol/features.ts'
import type { TrainingOptionsInput } from '../../model/options.ts'
import type { TrainedModel } from '../../model/train-run.ts'
import { parseOverride } from '../config/load.ts'
import { makeFolder } from '../../peer/live/make-folder.ts'
import { durationText, numberText, tableText } from '../text.ts'
import { withTrainingSources } from '../training-sources.ts'

interface TrainArguments {
  runs: string[]
  output: string
  name: string | undefined
  seed: string
  backend: BackendName | undefined
  set: string | string[] | undefined
  observable: Deployment | undefined
  json: boolean
}

/** `seedbed train RUN… -o DIR` */
export const trainCommand: CommandModule<object, TrainArguments> = {
  command: 'train <runs..>',
  describe: 'Train a ranker on recorded outcomes; writes a model folder with a model card',
  builder: (yargs) =>
    yargs
      .positional('runs', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Run folders, stores of live trackers (a folder or mongodb://HOST/DATABASE), or both',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'Model folder to write',
      })
      .option('name', {
        type: 'string',
        requiresArg: true,
        describe: 'Name of the model [default: that of its folder]',
      })
      .option('seed', { type: 'string', requiresArg: true, default: '1', describe: 'Seed of the training' })
      .option('backend', {
        choices: BACKEND_NAMES,
        describe: 'TensorFlow.js backend [default: wasm, or cpu where that does not start]',
      })
      .option('observable', {
        choices: DEPLOYMENTS,
        describe:
          'Whom the model is for, and so what it may look at: a peer, a tracker whose peers report, or a tracker of unmodified clients [default: peer]',
      })
      .option('set', {
        type: 'string',
        nargs: 1,
        describe: 'Set a training option, e.g. maxEpochs=10; may be repeated',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the training report as JSON' }),
  handler: train,
}

async function train(given: ArgumentsCamelCase<TrainArguments>): Promise<void> {
  const { runs, output, seed, backend, json } = given
  const options = Object.fromEntries(
    [given.set ?? []]
      .flat()
      .map(parseOverride)
      .map(({ path, value }) => [path, value]),
  )
  const onNotice = (text: string): void => void process.stderr.write(`note: ${text}\n`)
  const model = await withTrainingSources(runs, onNotice, async ({ parquetPaths, sources }) => {
    // Before an hour of training, and not with a folder that a file system never makes.
    await makeFolder(dirname(resolve(output)))
    const { trainFromRuns } = await import('../../model/train-run.ts')
    return trainFromRuns({
      ...{ parquetPaths, sources, seed, backend, onNotice },
      outDir: output,
      name: given.name ?? basename(resolve(output)),
      options: {
        ...(given.observable && { observable: given.observable }),
        ...options,
      } as TrainingOptionsInput,
      onProgress: ({ epoch, maxEpochs, trainLoss, validationLoss }) =>
        process.stderr.write(
          `epoch ${epoch} of at most ${maxEpochs}: loss ${numberText(trainLoss, 4)}, validation ${numberText(validationLoss, 4)}\n`,
        ),
    })
  })
  if (json) process.stdout.write(`${JSON.stringify({ modelDir: model.modelDir, ...model.report })}\n`)
  else process.stdout.write(`${summaryOf(model)}\n${model.modelDir}\n`)
}

function summaryOf({ report, rowsPerSecond }: TrainedModel): string {
  const { name, version, architecture, rows, backend, bestEpoch, trainSeconds, testMetrics } = report
  const metrics = testMetrics.map((metric) => [
    metric.name,
    numberText(metric.value, 4),
    metric.baseline === null ? '–' : numberText(metric.baseline, 4),
  ])
  return [
    `${name}@${version}: ${architecture} on ${rows.train} fetches (${backend}), best epoch ${bestEpoch},`,
    `trained in ${durationText(trainSeconds)} (${Math.round(rowsPerSecond)} rows/s)`,
    '',
    tableText([['on swarms it never saw', 'model', 'baseline'], ...metrics]),
    '',
  ].join('\n')
}
