import { FEATURE_COUNT, FEATURES } from '../../peer/protocol/features.ts'
import { quote } from '../../peer/protocol/ids.ts'
import type { OutcomeRow } from '../../peer/ports/recorder.ts'
import { type ColumnType, type Scalar, SCALAR_COLUMNS } from '../outcome-columns.ts'
import { InvalidOutcomeError } from './errors.ts'

/** Values of a row by column name; numbers that are unknown or not finite are null. */
export const scalarsOf = (row: OutcomeRow): [name: string, value: Scalar | null][] =>
  SCALAR_COLUMNS.map(({ name, field }) => [name, orNull(row[field])])

/** A row's values of one feature, candidate after candidate. */
export function featureOf({ features, candidateIds }: OutcomeRow, feature: number): Float32Array {
  const values = new Float32Array(candidateIds.length)
  for (let c = 0; c < values.length; c++) values[c] = features[c * FEATURE_COUNT + feature]
  return values
}

export interface RowParts {
  /** Value of a column; undefined where the row was written before there was such a column. */
  scalar(name: string): unknown
  readonly candidateIds: readonly string[]
  readonly scores: Float32Array
  /** Row-major [candidates, FEATURE_COUNT]. */
  readonly features: Float32Array
}

/** A row out of what was stored. Throws InvalidOutcomeError where parts are missing or of another kind. */
export function rowOf({ scalar, candidateIds, scores, features }: RowParts): OutcomeRow {
  const scalars: Record<string, Scalar> = {}
  for (const { name, type, field } of SCALAR_COLUMNS) scalars[field] = parsed(name, type, scalar(name))
  const row = { ...scalars, candidateIds, scores, features } as unknown as OutcomeRow
  checkRow(row)
  return row
}

/** Throws InvalidOutcomeError where a value is not a list of texts. */
export function textsOf(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw new InvalidOutcomeError(`invalid ${name}: ${quote(String(value))} (a list of texts expected)`)
}

/**
 * Features as rows have them, out of one list a feature, candidate after candidate; `valuesOf` has none for a feature that
 * there was not yet.
 */
export function packFeatures(
  count: number,
  valuesOf: (name: string) => Float32Array | undefined,
): Float32Array {
  const features = new Float32Array(count * FEATURE_COUNT).fill(NaN)
  FEATURES.forEach(({ name }, f) => {
    const values = valuesOf(name)
    if (values === undefined) return
    checkLength(name, values, count)
    for (let c = 0; c < count; c++) features[c * FEATURE_COUNT + f] = values[c]
  })
  return features
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
