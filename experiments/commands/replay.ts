import type { ArgumentsCamelCase, CommandModule } from 'yargs'
import { parseOverride } from '../config/load.ts'
import { ProgressView } from '../progress-view.ts'
import { parseFilter } from '../trace/trace-filter.ts'

interface ReplayArguments {
  target: string
  cell: string | undefined
  replication: number | undefined
  seed: string | undefined
  set: string | string[] | undefined
  out: string | undefined
  from: string | undefined
  until: string | undefined
  node: string | string[] | undefined
  kind: string | string[] | undefined
}

/** `seedbed replay RUN` */
export const replayCommand: CommandModule<object, ReplayArguments> = {
  command: 'replay <target>',
  describe:
    'Simulate one run of a run folder, or of a config, again with every check, and show its event trace',
  builder: (yargs) =>
    yargs
      .positional('target', {
        type: 'string',
        demandOption: true,
        describe: 'Run folder, YAML file, or the name of a ready-made config',
      })
      .option('cell', {
        type: 'string',
        requiresArg: true,
        describe: 'Policy, with its point of the matrix, as result.json names it',
      })
      .option('replication', {
        type: 'number',
        requiresArg: true,
        describe: 'Replication, from 0 [default: 0]',
      })
      .option('seed', {
        type: 'string',
        requiresArg: true,
        describe: 'Seed of the simulation, as the outcomes have it; instead of --replication',
      })
      .option('set', {
        type: 'string',
        nargs: 1,
        describe: 'Override one value of a config, e.g. swarm.peers=200; may be repeated',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'File to record the trace in, for diff-trace; gzipped where it ends in .gz',
      })
      .option('from', { type: 'string', requiresArg: true, describe: 'Simulated time to begin at, e.g. 90s' })
      .option('until', {
        type: 'string',
        requiresArg: true,
        describe: 'Simulated time to stop at, e.g. 2min',
      })
      .option('node', {
        type: 'string',
        nargs: 1,
        describe: 'Only events at this node, e.g. peer-3 or tracker; may be repeated',
      })
      .option('kind', {
        type: 'string',
        nargs: 1,
        describe: 'Only events of this kind, e.g. hear or fetch-end; may be repeated',
      }),
  handler: replay,
}

async function replay(given: ArgumentsCamelCase<ReplayArguments>): Promise<void> {
  const filter = parseFilter(given)
  const { openReplayTarget } = await import('../replay-target.ts')
  const { selectRun } = await import('../select-run.ts')
  const { replayTrace } = await import('../trace/replay-trace.ts')
  const target = await openReplayTarget(given.target, [given.set ?? []].flat().map(parseOverride))
  const run = selectRun(target.config, given)
  const view = new ProgressView(process.stderr)
  // Events and a live display on one terminal would tear each other apart.
  const showsProgress = given.out !== undefined || process.stdout.isTTY !== true
  const onEvent = showsProgress ? view.show : () => {}
  const notes = await replayTrace({ target, run, filter, out: given.out, onEvent }).finally(() =>
    view.close(),
  )
  for (const note of notes) process.stderr.write(`${note}\n`)
  if (given.out !== undefined) process.stdout.write(`${given.out}\n`)
}
