import { FEATURE_COUNT, FEATURES } from '../../peer/protocol/features.ts'
import { quote } from '../../peer/protocol/ids.ts'
import type { OutcomeRow } from '../../peer/ports/recorder.ts'
import { type ColumnType, type Scalar, SCALAR_COLUMNS } from '../outcome-columns.ts'
import { InvalidOutcomeError } from './errors.ts'

/** Values of a row by column name; numbers that are unknown or not finite are null. */
export const scalarsOf = (row: OutcomeRow): [name: string, value: Scalar | null][] =>
  SCALAR_COLUMNS.map(({ name, field }) => [name, orNull(row[field])])

/** A row's values of one feature, candidate after candidate. */
export function featureOf(row: OutcomeRow, feature: number): Float32Array {
  const { features, candidateIds } = row
  return Float32Array.from(candidateIds, (_, c) => features[c * FEATURE_COUNT + feature])
}

export interface RowParts {
  /** Value of a column; undefined where the row was written before there was such a column. */
  scalar(name: string): unknown
  readonly candidateIds: unknown
  readonly scores: Float32Array
  /** Values of a feature, candidate after candidate; undefined where the row was written before there was such a feature. */
  feature(name: string): Float32Array | undefined
}

/** A row out of what was stored. Throws InvalidOutcomeError where parts are missing or of another kind. */
export function rowOf({ scalar, candidateIds: ids, scores, feature }: RowParts): OutcomeRow {
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string'))
    throw new InvalidOutcomeError(`invalid candidate_ids: ${quote(String(ids))} (a list of texts expected)`)
  const features = new Float32Array(ids.length * FEATURE_COUNT).fill(NaN)
  FEATURES.forEach(({ name }, f) => {
    const values = feature(name)
    if (values === undefined) return
    checkLength(name, values, ids.length)
    for (let c = 0; c < ids.length; c++) features[c * FEATURE_COUNT + f] = values[c]
  })
  const scalars = SCALAR_COLUMNS.map(({ name, type, field }) => [field, parsed(name, type, scalar(name))])
  const row = { ...Object.fromEntries(scalars), candidateIds: ids, scores, features } as OutcomeRow
  checkRow(row)
  return row
}

/** Throws InvalidOutcomeError where a row's lists don't fit each other. */
export function checkRow({ candidateIds, chosen, scores, features }: OutcomeRow): void {
  const count = candidateIds.length
  checkLength('scores', scores, count)
  checkLength('features', features, count * FEATURE_COUNT)
  if (!Number.isInteger(chosen) || chosen < 0 || chosen >= count)
    throw new InvalidOutcomeError(`invalid chosen: ${chosen} (one of ${count} candidates)`)
}

function checkLength(name: string, values: Float32Array, expected: number): void {
  if (values.length !== expected)
    throw new InvalidOutcomeError(`invalid ${name}: ${values.length} values (${expected} expected)`)
}

// Neither JSON nor every server that speaks MongoDB's protocol takes NaN, infinities or a negative zero.
const orNull = (value: Scalar): Scalar | null =>
  typeof value !== 'number' ? value : Number.isFinite(value) ? value + 0 : null

function parsed(name: string, type: ColumnType, value: unknown): Scalar {
  const isUnknown = value === undefined || value === null
  switch (type) {
    case 'VARCHAR':
      if (isUnknown) return ''
      if (typeof value === 'string') return value
      break
    case 'BOOLEAN':
      if (isUnknown) return false
      if (typeof value === 'boolean') return value
      break
    case 'DOUBLE':
    case 'INTEGER':
    case 'BIGINT':
      if (isUnknown) return NaN
      if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  }
  throw new InvalidOutcomeError(`invalid ${name}: ${quote(String(value))} (${type} expected)`)
}

/** Floats as they lie in memory, little-endian. */
export const bytesOf = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength)

/** Floats out of their bytes. Throws InvalidOutcomeError where they aren't whole ones. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % 4 !== 0)
    throw new InvalidOutcomeError(`invalid floats: ${bytes.byteLength} bytes (a multiple of 4 expected)`)
  return new Float32Array(new Uint8Array(bytes).buffer)
}
