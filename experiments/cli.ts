import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { benchCommand } from './commands/bench.ts'
import { checkCommand } from './commands/check.ts'
import { diffTraceCommand } from './commands/diff-trace.ts'
import { fuzzCommand } from './commands/fuzz.ts'
import { lsCommand } from './commands/ls.ts'
import { peerCommand } from './commands/peer.ts'
import { replayCommand } from './commands/replay.ts'
import { reportCommand } from './commands/report.ts'
import { runCommand } from './commands/run.ts'
import { schemaCommand } from './commands/schema.ts'
import { InterruptedError } from './commands/stop-signal.ts'
import { trackerCommand } from './commands/tracker.ts'
import { trainCommand } from './commands/train.ts'
import { UsageError } from './errors.ts'
import { seedbedVersion } from './package-info.ts'
import { TraceFileError } from './trace/errors.ts'

const OK = 0
const FAILED = 1
const MISUSED = 2
const INTERRUPTED = 130

process.exitCode = await main(hideBin(process.argv))

/** Runs the command line; returns the exit status. */
async function main(words: readonly string[]): Promise<number> {
  const cli = yargs([...words])
    .scriptName('seedbed')
    .usage(
      '$0 <command>\n\nWhich seed should a peer fetch a chunk from? Simulate, record, train, judge, deploy.',
    )
    .command(runCommand)
    .command(trainCommand)
    .command(reportCommand)
    .command(replayCommand)
    .command(diffTraceCommand)
    .command(checkCommand)
    .command(lsCommand)
    .command(schemaCommand)
    .command(trackerCommand)
    .command(peerCommand)
    .command(benchCommand)
    .command(fuzzCommand)
    .demandCommand(1, 'a command is needed')
    .recommendCommands()
    .strict()
    .version(seedbedVersion)
    .help()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // A message comes with a command line that is not valid; what a command throws comes without.
      throw message || !error ? new UsageError(`${message} (seedbed --help tells what there is)`) : error
    })
  try {
    await cli.parseAsync()
    // A command that found what it was asked for may say so by its exit status.
    return Number(process.exitCode ?? OK)
  } catch (error) {
    process.stderr.write(`seedbed: ${describe(error)}\n`)
    if (error instanceof InterruptedError) return INTERRUPTED
    return error instanceof UsageError || error instanceof TraceFileError ? MISUSED : FAILED
  }
}

/** Known errors say all in their message; a defect needs its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error || error.constructor === Error ? error.message : (error.stack ?? error.message)
}
