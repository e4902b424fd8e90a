import { Binary, type Document } from 'mongodb'
import { FEATURES } from '../../peer/protocol/features.ts'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import { InvalidOutcomeError } from './errors.ts'
import { featureOf, packFeatures, rowOf, scalarsOf, textsOf } from './outcome-fields.ts'

/** An outcome as MongoDB keeps it: columns as top-level fields, lists of floats as vectors, named by run and decision. */
export interface OutcomeDocument extends Document {
  readonly _id: string
  readonly run_id: string
  readonly decision: number
  /** A date, for expiry. */
  readonly received_at: Date
  readonly reporter: string
  readonly trust: number
  readonly candidate_ids: readonly string[]
  readonly scores: Binary
}

export function documentOf({ runId, decision, receivedMs, reporter, trust, row }: Outcome): OutcomeDocument {
  return {
    _id: `${runId}/${decision}`,
    run_id: runId,
    decision,
    received_at: new Date(receivedMs),
    reporter,
    trust,
    ...Object.fromEntries(scalarsOf(row)),
    candidate_ids: row.candidateIds,
    scores: Binary.fromFloat32Array(row.scores),
    ...Object.fromEntries(
      FEATURES.map(({ name }, f) => [`f_${name}`, Binary.fromFloat32Array(featureOf(row, f))]),
    ),
  }
}

/** Throws InvalidOutcomeError where a document is not as `documentOf` makes them. */
export function outcomeOf(document: OutcomeDocument): Outcome {
  const { run_id, decision, received_at, reporter, trust } = document
  const candidateIds = textsOf('candidate_ids', document.candidate_ids)
  return {
    runId: run_id,
    decision,
    receivedMs: received_at.getTime(),
    reporter,
    trust,
    row: rowOf({
      scalar: (name) => document[name],
      candidateIds,
      scores: floats(document.scores),
      features: packFeatures(candidateIds.length, (name) => {
        const column: unknown = document[`f_${name}`]
        return column === undefined ? undefined : floats(column)
      }),
    }),
  }
}

function floats(value: unknown): Float32Array {
  if (value instanceof Binary) return value.toFloat32Array()
  throw new InvalidOutcomeError(`invalid floats: ${typeof value} (a vector expected)`)
}
