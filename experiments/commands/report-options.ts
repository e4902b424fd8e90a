import type { Argv } from 'yargs'
import { TrackerReports } from '../../peer/live/tracker-reports.ts'
import { parseTrackerUrls } from '../../peer/live/tracker-api.ts'
import type { Recorder } from '../../peer/ports/recorder.ts'
import { DurableOutcomes } from '../store/durable-outcomes.ts'
import { journalRootOf, prepareQueue } from '../store/live-outcomes.ts'
import { newRunId, SinkRecorder } from '../store/sink-recorder.ts'

/** Whether a peer tells the tracker how its fetches went. */
export interface ReportArguments {
  report: boolean
  reportToken: string | undefined
}

export const REPORT_DEFAULTS: ReportArguments = { report: false, reportToken: undefined }

export const reportOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('report', {
      type: 'boolean',
      default: REPORT_DEFAULTS.report,
      describe: 'Tell the tracker every fetch and all that was known of whom to choose, for its store',
    })
    .option('report-token', {
      type: 'string',
      requiresArg: true,
      describe: 'Token for trackers that take reports only with one [default: SEEDBED_REPORT_TOKEN]',
    })

/** Bytes of reports that wait for the tracker, at most. */
const MOST_QUEUE_BYTES = 64 * 1024 * 1024

export interface Reporting {
  readonly recorder: Recorder
  /** Tells what is left to tell; what the tracker doesn't take now waits on disk for the next start. */
  close(): Promise<void>
}

/** Starts to report where a command line asks for it. */
export async function openReporting(
  { report, reportToken = process.env['SEEDBED_REPORT_TOKEN'] }: ReportArguments,
  tracker: readonly string[],
  queueFolder: string | undefined,
  warn: (text: string) => void,
): Promise<Reporting | undefined> {
  if (!report) return undefined
  const trackers = parseTrackerUrls(tracker)
  const target = trackers.join(' ')
  const journalRoot = journalRootOf(target, target, queueFolder)
  await prepareQueue(journalRoot)
  const sink = await DurableOutcomes.open({
    store: new TrackerReports({ trackers, token: reportToken, warning: ({ message }) => warn(message) }),
    journalRoot,
    maxQueueBytes: MOST_QUEUE_BYTES,
    warn,
  })
  const recorder = new SinkRecorder({ sink, runId: newRunId('peer') })
  return {
    recorder,
    close: async () => {
      await recorder.close()
      await sink.close()
      if (recorder.dropped > 0) warn(`${recorder.dropped} fetches were not reported: too many at once`)
    },
  }
}

/** Gives every row to all of them that want it. */
export function recordToAll(recorders: readonly (Recorder | undefined)[]): Recorder | undefined {
  const all = recorders.filter((one) => one !== undefined)
  if (all.length < 2) return all[0]
  return {
    wants: (place) => all.some((one) => one.wants(place)),
    record: (row) => {
      for (const one of all) one.record(row)
    },
  }
}
