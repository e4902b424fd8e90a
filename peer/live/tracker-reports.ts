import { createHash } from 'node:crypto'
import { FEATURE_COUNT, FEATURES } from '../protocol/features.ts'
import type { Address } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { Outcome } from '../ports/outcome-sink.ts'
import type { OutcomeIntake } from '../ports/outcome-store.ts'
import type { OutcomeRow } from '../ports/recorder.ts'
import { TrackerError } from './errors.ts'
import { callTracker, messageOf, refusedBy } from './tracker-call.ts'

export interface TrackerReportsOptions {
  /** The first that takes a report gets it. */
  readonly trackers: readonly Address[]
  /** Shown to trackers that ask for one. */
  readonly token?: string | undefined
  /** Told of reports that no tracker will ever take; they are left out. */
  warning?(error: Error): void
}

/** A tracker takes reports of 1 MiB. */
const MOST_REPORT_BYTES = 900_000
const MOST_ANSWER_BYTES = 64 * 1024
/** Answers after which the same report may be taken later: no token, time-out, too many. */
const TRY_AGAIN: readonly number[] = [401, 408, 429]

interface Report {
  readonly content: string
  readonly peer: string
  readonly region: string
  readonly names: string[]
  readonly outcomes: string[]
  bytes: number
}

/** Tells trackers how the fetches of peers went. A report has a name made of those of its rows: sent again, it counts once. */
export class TrackerReports implements OutcomeIntake {
  readonly #options: TrackerReportsOptions

  constructor(options: TrackerReportsOptions) {
    this.#options = options
  }

  /** Resolves when the tracker has acknowledged all, to how many rows it had not had. Rejects with TrackerError. */
  async insert(outcomes: readonly Outcome[]): Promise<number> {
    let fresh = 0
    for (const report of reportsOf(outcomes)) fresh += await this.#send(report)
    return fresh
  }

  async #send(report: Report): Promise<number> {
    let first: unknown
    for (const tracker of this.#options.trackers)
      try {
        return await this.#sendTo(tracker, report)
      } catch (error) {
        first ??= error
      }
    throw first
  }

  async #sendTo(tracker: Address, { content, peer, region, names, outcomes }: Report): Promise<number> {
    const { token, warning } = this.#options
    const name = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 40)
    const head = JSON.stringify({ report: name, content, peer, region }).slice(0, -1)
    const answer = await callTracker(
      tracker,
      '/v1/outcomes',
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: `${head},"outcomes":[${outcomes.join(',')}]}`,
      },
      MOST_ANSWER_BYTES,
    )
    if (answer.status === 200) return isNew(tracker, answer.text) ? outcomes.length : 0
    const error = refusedBy(tracker, answer)
    if (answer.status >= 500 || TRY_AGAIN.includes(answer.status)) throw error
    warning?.(error)
    return 0
  }
}

function isNew(tracker: Address, text: string): boolean {
  try {
    return (JSON.parse(text) as { isNew?: unknown }).isNew === true
  } catch (error) {
    throw new TrackerError(
      'E_TRACKER_REFUSED',
      `${tracker} is no tracker: ${messageOf(error)} (check --tracker)`,
      error,
    )
  }
}

/** Rows in order, those of one peer and content together, within what a tracker takes at once. */
function reportsOf(outcomes: readonly Outcome[]): Report[] {
  const reports: Report[] = []
  const open = new Map<string, Report>()
  for (const { runId, decision, row } of outcomes) {
    if (row.place !== 'peer') continue
    const key = `${row.contentId} ${row.requesterId}`
    const json = JSON.stringify(reportOf(row))
    let report = open.get(key)
    const isFull =
      report &&
      (report.outcomes.length >= LIMITS.reportsPerMessage || report.bytes + json.length > MOST_REPORT_BYTES)
    if (!report || isFull) {
      const { contentId: content, requesterId: peer, requesterRegion: region } = row
      report = { content, peer, region, names: [], outcomes: [], bytes: 0 }
      open.set(key, report)
      reports.push(report)
    }
    report.names.push(`${runId}/${decision}`)
    report.outcomes.push(json)
    report.bytes += json.length + 1
  }
  return reports
}

/** A row as the tracker's data API takes it; what is not known is left out. */
function reportOf(row: OutcomeRow): Record<string, unknown> {
  const known = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined)
  const { chunk, attempt, result, reason, bytes, policy, policyVersion, explored } = row
  const { trackerPolicy, trackerPolicyVersion, trackerRank, candidateIds, chosen } = row
  return {
    ...{ chunk, attempt, result, reason, bytes, policy, policyVersion, explored },
    ...{ trackerPolicy, trackerPolicyVersion, trackerRank },
    seed: candidateIds[chosen],
    durationMs: known(row.durationMs) ?? 0,
    connectMs: known(row.connectMs),
    ttfbMs: known(row.ttfbMs),
    deadlineSlackMs: known(row.deadlineSlackMs),
    decidedMs: known(row.decidedMs),
    requesterInflight: known(row.requesterInflight),
    seedActive: known(row.seedActive),
    seedQueued: known(row.seedQueued),
    propensity: row.propensity > 0 ? row.propensity : undefined,
    candidates: candidateIds.map((peer, c) => ({
      peer,
      score: known(row.scores[c]),
      features: Object.fromEntries(
        FEATURES.map(({ name }, f) => [name, known(row.features[c * FEATURE_COUNT + f])]),
      ),
    })),
  }
}
