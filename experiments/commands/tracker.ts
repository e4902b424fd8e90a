import { type DestinationStream, type Level, pino } from 'pino'
import type { ArgumentsCamelCase, CommandModule } from 'yargs'
import { startTracker } from '../../tracker/live/compose.ts'
import { type Output, PROCESS_OUTPUT } from './output.ts'
import { aborted, withStopSignal } from './stop-signal.ts'
import { checkStoreOf, openStoreOf } from './store-options.ts'
import { type TrackerArguments, trackerOptions } from './tracker-options.ts'
import { resolveTracker } from './tracker-settings.ts'
import { describeSettings, settingsText } from './tracker-summary.ts'
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
  const { logLevel, json } = given
  const log = pino({ level: logLevel satisfies Level | 'silent' }, output.err as DestinationStream)
  const options = resolveTracker(given)
  const outcomes = await openStoreOf(given, 'tracker', (text) => log.warn(text))
  const tracker = await startTracker({
    ...{ ...options, log },
    ...(outcomes && {
      ...{ recorder: outcomes.recorder, sink: outcomes.sink, models: outcomes.store.models },
      revocations: outcomes.store.revocations,
      outcomeQueue: () => outcomes.sink.state,
    }),
  }).catch(async (error: unknown) => {
    await outcomes?.close()
    throw error
  })
  const { policy, model } = tracker.serving
  const udpPort = options.udpPort === null ? null : tracker.udpPort
  const named = { policy, model: model === '' ? null : model }
  if (json) output.out.write(`${JSON.stringify({ url: tracker.url, udpPort, ...named })}\n`)
  else
    output.out.write(
      `tracker at ${tracker.url} (policy ${policy}${model === '' ? '' : `, model ${model}`})\n`,
    )
  await aborted(stop)
  await tracker.stop()
  await outcomes?.close()
}
