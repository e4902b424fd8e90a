import { FEATURES } from '../peer/protocol/features.ts'
import type { OutcomeRow } from '../peer/ports/recorder.ts'

export type ColumnType = 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'BIGINT' | 'BOOLEAN'

export type Scalar = string | number | boolean

type ScalarField = {
  [Field in keyof OutcomeRow]: OutcomeRow[Field] extends Scalar ? Field : never
}[keyof OutcomeRow]

/** A column that says one thing of a row; NaN becomes NULL. */
export interface ScalarColumn {
  readonly name: string
  readonly type: ColumnType
  readonly field: ScalarField
}

const column = (name: string, type: ColumnType, field: ScalarField): ScalarColumn => ({ name, type, field })

/** Columns before the lists of candidates; run identifier and row number come ahead of them. */
export const HEAD_COLUMNS: readonly ScalarColumn[] = [
  column('swarm', 'VARCHAR', 'contentId'),
  column('place', 'VARCHAR', 'place'),
  column('requester', 'VARCHAR', 'requesterId'),
  column('requester_region', 'VARCHAR', 'requesterRegion'),
  column('decided_ms', 'DOUBLE', 'decidedMs'),
  column('chunk', 'INTEGER', 'chunk'),
  column('attempt', 'INTEGER', 'attempt'),
  column('policy', 'VARCHAR', 'policy'),
  column('policy_version', 'VARCHAR', 'policyVersion'),
  column('tracker_policy', 'VARCHAR', 'trackerPolicy'),
  column('tracker_policy_version', 'VARCHAR', 'trackerPolicyVersion'),
  column('tracker_rank', 'INTEGER', 'trackerRank'),
]

/** Columns after the lists. */
export const TAIL_COLUMNS: readonly ScalarColumn[] = [
  column('chosen', 'INTEGER', 'chosen'),
  column('propensity', 'DOUBLE', 'propensity'),
  column('explored', 'BOOLEAN', 'explored'),
  column('reason', 'VARCHAR', 'reason'),
  column('result', 'VARCHAR', 'result'),
  column('connect_ms', 'DOUBLE', 'connectMs'),
  column('ttfb_ms', 'DOUBLE', 'ttfbMs'),
  column('duration_ms', 'DOUBLE', 'durationMs'),
  column('bytes', 'BIGINT', 'bytes'),
  column('requester_inflight', 'INTEGER', 'requesterInflight'),
  column('seed_active', 'INTEGER', 'seedActive'),
  column('seed_queued', 'INTEGER', 'seedQueued'),
  column('deadline_slack_ms', 'DOUBLE', 'deadlineSlackMs'),
]

export const SCALAR_COLUMNS: readonly ScalarColumn[] = [...HEAD_COLUMNS, ...TAIL_COLUMNS]

/** One FLOAT[] column a feature: its value for each candidate, NULL where unknown. */
export const FEATURE_COLUMNS: readonly string[] = FEATURES.map(({ name }) => `f_${name}`)
