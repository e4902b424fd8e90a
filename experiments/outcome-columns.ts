import { FEATURES } from '../peer/protocol/features.ts'
import type { OutcomeRow } from '../peer/ports/recorder.ts'

export type ColumnType = 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'BIGINT' | 'BOOLEAN'

/** A column that says one thing of a row; NaN becomes NULL. */
export interface ScalarColumn {
  readonly name: string
  readonly type: ColumnType
  readonly value: (row: OutcomeRow) => string | number | boolean
}

const column = (name: string, type: ColumnType, value: ScalarColumn['value']): ScalarColumn => ({
  name,
  type,
  value,
})

/** Columns before the lists of candidates; run identifier and row number come ahead of them. */
export const HEAD_COLUMNS: readonly ScalarColumn[] = [
  column('swarm', 'VARCHAR', (row) => row.contentId),
  column('place', 'VARCHAR', (row) => row.place),
  column('requester', 'VARCHAR', (row) => row.requesterId),
  column('requester_region', 'VARCHAR', (row) => row.requesterRegion),
  column('decided_ms', 'DOUBLE', (row) => row.decidedMs),
  column('chunk', 'INTEGER', (row) => row.chunk),
  column('attempt', 'INTEGER', (row) => row.attempt),
  column('policy', 'VARCHAR', (row) => row.policy),
  column('policy_version', 'VARCHAR', (row) => row.policyVersion),
  column('tracker_policy', 'VARCHAR', (row) => row.trackerPolicy),
  column('tracker_policy_version', 'VARCHAR', (row) => row.trackerPolicyVersion),
  column('tracker_rank', 'INTEGER', (row) => row.trackerRank),
]

/** Columns after the lists. */
export const TAIL_COLUMNS: readonly ScalarColumn[] = [
  column('chosen', 'INTEGER', (row) => row.chosen),
  column('propensity', 'DOUBLE', (row) => row.propensity),
  column('explored', 'BOOLEAN', (row) => row.explored),
  column('reason', 'VARCHAR', (row) => row.reason),
  column('result', 'VARCHAR', (row) => row.result),
  column('connect_ms', 'DOUBLE', (row) => row.connectMs),
  column('ttfb_ms', 'DOUBLE', (row) => row.ttfbMs),
  column('duration_ms', 'DOUBLE', (row) => row.durationMs),
  column('bytes', 'BIGINT', (row) => row.bytes),
  column('requester_inflight', 'INTEGER', (row) => row.requesterInflight),
  column('seed_active', 'INTEGER', (row) => row.seedActive),
  column('seed_queued', 'INTEGER', (row) => row.seedQueued),
  column('deadline_slack_ms', 'DOUBLE', (row) => row.deadlineSlackMs),
]

export const SCALAR_COLUMNS: readonly ScalarColumn[] = [...HEAD_COLUMNS, ...TAIL_COLUMNS]

/** One FLOAT[] column a feature: its value for each candidate, NULL where unknown. */
export const FEATURE_COLUMNS: readonly string[] = FEATURES.map(({ name }) => `f_${name}`)
