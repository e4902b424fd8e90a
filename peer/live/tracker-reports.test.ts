import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { FEATURE_COUNT } from '../protocol/features.ts'
import { type Outcome, OutcomesRefusedError, type OutcomeSink } from '../ports/outcome-sink.ts'
import { outcome } from '../ports/outcome-store.contract.ts'
import { row } from '../ports/recorder.contract.ts'
import { TrackerReports } from './tracker-reports.ts'

class ListSink implements OutcomeSink {
  readonly outcomes: Outcome[] = []
  refusal: OutcomesRefusedError | undefined

  async append(outcomes: readonly Outcome[]): Promise<void> {
    if (this.refusal) throw this.refusal
    this.outcomes.push(...outcomes)
  }
}

let sink: ListSink
let tracker: TrackerServer
beforeEach(async () => {
  sink = new ListSink()
  tracker = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' }, sink })
})
afterEach(() => tracker.stop())

const features = Float32Array.from({ length: 2 * FEATURE_COUNT }, (_, f) => (f % 5 === 0 ? NaN : f / 8))

it('tells all that is known of fetches, and each once', async () => {
  const given = [
    outcome(0, { row: row({ chunk: 5, features, connectMs: NaN, seedQueued: 3, deadlineSlackMs: -2.5 }) }),
    outcome(1, { row: row({ contentId: 'd'.repeat(64), chunk: 6, result: 'timeout', explored: true }) }),
    outcome(2, { row: row({ chunk: 7, attempt: 2, reason: 'endgame', trackerRank: -1 }) }),
  ]
  const reports = new TrackerReports({ trackers: [tracker.url] })
  expect(await reports.insert(given)).toBe(3)
  expect(await reports.insert(given)).toBe(0)
  expect(sink.outcomes.map((one) => one.row)).toEqual([given[0].row, given[2].row, given[1].row])
  expect(sink.outcomes.map(({ decision }) => decision)).toEqual([0, 1, 0])
})

it('splits what a tracker does not take at once', async () => {
  const many = Array.from({ length: 150 }, (_, n) => outcome(n, { row: row({ chunk: n }) }))
  const ids = Array.from({ length: 200 }, (_, n) => n.toString(16).padStart(40, '0'))
  const wide = Array.from({ length: 40 }, (_, n) =>
    outcome(200 + n, {
      row: row({
        ...{
          chunk: n,
          contentId: 'd'.repeat(64),
          candidateIds: ids,
          scores: new Float32Array(200).fill(0.1),
        },
        features: new Float32Array(200 * FEATURE_COUNT).fill(0.1),
      }),
    }),
  )
  const reports = new TrackerReports({ trackers: [tracker.url] })
  expect(await reports.insert([...many, ...wide])).toBe(190)
  expect(sink.outcomes.map((one) => one.row.chunk).sort((a, b) => a - b)).toEqual(
    [...many, ...wide].map((one) => one.row.chunk).sort((a, b) => a - b),
  )
})

it('turns to the next tracker, and rejects while none takes reports', async () => {
  const down = 'http://127.0.0.1:1'
  expect(await new TrackerReports({ trackers: [down, tracker.url] }).insert([outcome(1)])).toBe(1)
  await expect(new TrackerReports({ trackers: [down] }).insert([outcome(2)])).rejects.toMatchObject({
    code: 'E_TRACKER_UNREACHABLE',
  })
  sink.refusal = new OutcomesRefusedError('E_OUTCOMES_QUEUE_FULL', 'the queue is full', 5000)
  await expect(new TrackerReports({ trackers: [tracker.url] }).insert([outcome(3)])).rejects.toThrow(
    'answered 503: the queue is full',
  )
  sink.refusal = undefined
  expect(await new TrackerReports({ trackers: [tracker.url] }).insert([outcome(3)])).toBe(1)
})

it('leaves out what no tracker will ever take, and says so', async () => {
  const warnings: string[] = []
  const reports = new TrackerReports({
    trackers: [tracker.url],
    warning: ({ message }) => warnings.push(message),
  })
  const odd = outcome(1, { row: row({ requesterId: 'not a peer id' }) })
  expect(await reports.insert([odd, outcome(2)])).toBe(1)
  expect(warnings).toEqual([expect.stringContaining('answered 400: ')])
})
