import { type DestinationStream, type Level, pino } from 'pino'
import type { ArgumentsCamelCase, CommandModule } from 'yargs'
import { openTracker } from './open-tracker.ts'
import { type Output, PROCESS_OUTPUT } from './output.ts'
import { aborted, withStopSignal } from './stop-signal.ts'
import { checkStoreOf } from './store-options.ts'
import { runCluster } from './tracker-cluster.ts'
import { type TrackerArguments, trackerOptions } from './tracker-options.ts'
import { resolveTracker } from './tracker-settings.ts'
import { describeSettings, settingsText, tellRunning } from './tracker-summary.ts'
import { tokenCommand } from './tracker-token.ts'

/** `seedbed tracker` */
export const trackerCommand: CommandModule<object, TrackerArguments> = {
  command: 'tracker',
  describe: 'Run a tracker: peers announce to it, and it ranks the seeds that it tells them of',
  builder: (yargs) => trackerOptions(yargs.command(tokenCommand)),
  handler: async (given: ArgumentsCamelCase<TrackerArguments>) => {
    if (given.dryRun) return tryTracker(given, PROCESS_OUTPUT)
    await withStopSignal((stop) => runTracker(given, PROCESS_OUTPUT, stop))
  },
}

/** Prints what would run. Rejects with UsageError, SettingError, ModelFileError and InvalidStoreError. */
export async function tryTracker(given: TrackerArguments, { out }: Output): Promise<void> {
  const settings = describeSettings(given, resolveTracker(given))
  await checkStoreOf(given)
  out.write(given.json ? `${JSON.stringify(settings)}\n` : settingsText(settings))
}

/** Runs a tracker until it is told to stop. */
export async function runTracker(given: TrackerArguments, output: Output, stop: AbortSignal): Promise<void> {
  const { logLevel, cluster } = given
  const log = pino({ level: logLevel satisfies Level | 'silent' }, output.err as DestinationStream)
  if (cluster !== undefined) return runCluster(given, cluster, output, log, stop)
  const tracker = await openTracker(given, resolveTracker(given), log)
  tellRunning(output.out, given, tracker.running)
  await aborted(stop)
  await tracker.close()
}
