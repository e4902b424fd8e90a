import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { ArgumentsCamelCase, CommandModule } from 'yargs'
import { findConfig } from '../config-files.ts'
import { loadConfig, type Override } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { policyTable } from '../policy-table.ts'
import { ProgressView } from '../progress-view.ts'
import { shellQuote } from '../shell-quote.ts'
import { RUN_FILES } from '../run-folder.ts'
import { withStopSignal } from './stop-signal.ts'
import { configOptions, overridesOf, type ConfigArguments } from './config-options.ts'

interface RunArguments extends ConfigArguments {
  workers: number
  out: string | undefined
  json: boolean
  only: string | undefined
}

/** `seedbed run CONFIG` */
export const runCommand: CommandModule<object, RunArguments> = {
  command: 'run <config>',
  describe:
    'Simulate, train where the config says so, and compare policies; writes a run folder with a report',
  builder: (yargs) =>
    configOptions(yargs)
      .option('workers', {
        type: 'number',
        default: availableParallelism(),
        defaultDescription: 'number of cores',
        describe: 'Simulations at once; 0 simulates in the main thread',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Run folder to write [default: runs/NAME]',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print the result as JSON on standard output, everything else on standard error',
      })
      .option('only', {
        type: 'string',
        requiresArg: true,
        describe:
          'Simulate one run of the plan (CELL/REPLICATION) with every check, and print what it measured',
      })
      .check(({ workers }) => {
        if (Number.isInteger(workers) && workers >= 0 && workers <= 1024) return true
        throw new Error(`invalid --workers: ${workers} (a whole number from 0 to 1024)`)
      }),
  handler: (given) => withStopSignal((stop) => run(given, stop)),
}

async function run(given: ArgumentsCamelCase<RunArguments>, stop: AbortSignal): Promise<void> {
  const path = findConfig(given.config)
  const overrides = overridesOf(given)
  const config = await loadConfig(path, overrides)
  const view = new ProgressView(process.stderr)
  const command = commandText(path, overrides)
  const common = { config, workers: given.workers, command, onEvent: view.show }
  if (given.only !== undefined) {
    const { replayRun } = await import('../replay.ts')
    const measures = await replayRun({ ...common, runId: given.only }).finally(() => view.close())
    process.stdout.write(`${JSON.stringify(measures, null, 2)}\n`)
    return
  }
  const out = given.out ?? join('runs', slug(config))
  const { runExperiment } = await import('../run-experiment.ts')
  const result = await runExperiment({ ...common, out, stop }).finally(() => view.close())
  const report = join(out, RUN_FILES.report)
  if (given.json) {
    process.stderr.write(`${report}\n`)
    process.stdout.write(`${JSON.stringify(result)}\n`)
  } else process.stdout.write(`\n${policyTable(result)}\n\n${report}\n`)
}

function commandText(path: string, overrides: readonly Override[]): string {
  const sets = overrides.map(
    ({ path: key, value }) => `--set ${shellQuote(`${key}=${JSON.stringify(value)}`)}`,
  )
  return ['npx seedbed run', shellQuote(path), ...sets].join(' ')
}

const slug = ({ name }: Config): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '') || 'run'
