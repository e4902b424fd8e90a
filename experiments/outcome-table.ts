import duckdb from '@duckdb/node-bindings'
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBType,
  FLOAT,
  INTEGER,
  LIST,
  UINTEGER,
} from '@duckdb/node-api'
import type { OutcomeBatch } from './outcome-batch.ts'
import {
  type ColumnType,
  FEATURE_COLUMNS,
  HEAD_COLUMNS,
  SCALAR_COLUMNS,
  TAIL_COLUMNS,
} from './outcome-columns.ts'

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>
type Words =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>

// Texts are held as codes: a peer's identifier appears in thousands of candidate lists.
const HELD_TYPES: Record<ColumnType, DuckDBType> = {
  VARCHAR: UINTEGER,
  DOUBLE,
  INTEGER,
  BIGINT,
  BOOLEAN,
}

const TYPES: readonly DuckDBType[] = [
  BIGINT,
  ...SCALAR_COLUMNS.map(({ type }) => HELD_TYPES[type]),
  LIST(UINTEGER),
  LIST(FLOAT),
  ...FEATURE_COLUMNS.map(() => LIST(FLOAT)),
]
const NAMES = [
  'decision',
  ...SCALAR_COLUMNS.map(({ name }) => name),
  'candidate_ids',
  'scores',
  ...FEATURE_COLUMNS,
]

/** SQL that makes the table that `appendBatch` fills; `decision` is the row's place in it. */
export const CREATE_TABLE = `CREATE OR REPLACE TEMP TABLE rows (${NAMES.map((name, i) => `${name} ${TYPES[i]}`).join(', ')})`

const text = (code: string): string => `getvariable('texts')[${code} + 1]`
const scalarSql = ({ name, type }: { name: string; type: ColumnType }): string =>
  type === 'VARCHAR' ? `${text(name)} AS ${name}` : name

/** Columns of an outcomes file after the number of the decision, out of the table and the variable `texts`. */
export const SELECT_LIST = [
  ...HEAD_COLUMNS.map(scalarSql),
  `list_select(getvariable('texts'), list_transform(candidate_ids, lambda code: code + 1)) AS candidate_ids`,
  'scores',
  ...FEATURE_COLUMNS,
  ...TAIL_COLUMNS.map(scalarSql),
].join(', ')

/** Sets the variable `texts` from what the codes stand for. */
export async function setTexts(connection: DuckDBConnection, texts: readonly string[]): Promise<void> {
  await connection.run('CREATE OR REPLACE TEMP TABLE texts (code UINTEGER, text VARCHAR)')
  const appender = await connection.createAppender('texts')
  texts.forEach((value, code) => {
    appender.appendUInteger(code)
    appender.appendVarchar(value)
    appender.endRow()
  })
  appender.closeSync()
  await connection.run('SET VARIABLE texts = (SELECT list(text ORDER BY code) FROM texts)')
}

/**
 * Appends a batch to the table. Vectors are filled by block copies: setting list elements one by one takes most of a
 * run's time.
 */
export function appendBatch(appender: DuckDBAppender, batch: OutcomeBatch): void {
  const { rows, candidates } = batch
  const chunk = DuckDBDataChunk.create(TYPES, rows)
  const vector = (column: number): Vector => duckdb.data_chunk_get_vector(chunk.chunk, column)
  const decisions = BigInt64Array.from({ length: rows }, (_, row) => BigInt(batch.firstDecision + row))
  copy(vector(0), decisions)
  SCALAR_COLUMNS.forEach(({ type }, i) => {
    const values = batch.scalars[i].subarray(0, rows)
    copy(vector(1 + i), heldAs(type, values))
    markUnknown(vector(1 + i), values)
  })
  const entries = listEntries(batch.counts, rows)
  const first = 1 + SCALAR_COLUMNS.length
  const lists = [batch.candidateIds, batch.scores, ...batch.features]
  lists.forEach((list, i) => {
    const parent = vector(first + i)
    duckdb.list_vector_reserve(parent, candidates)
    duckdb.list_vector_set_size(parent, candidates)
    copy(parent, entries)
    const child = duckdb.list_vector_get_child(parent)
    const values = list.subarray(0, candidates)
    copy(child, values)
    if (i > 0) markUnknown(child, values as Float32Array)
  })
  appender.appendDataChunk(chunk)
}

// A list vector holds an offset and a length for each row, 64 bits each.
function listEntries(counts: Uint32Array, rows: number): Uint32Array<ArrayBuffer> {
  const entries = new Uint32Array(4 * rows)
  let offset = 0
  for (let row = 0; row < rows; row++) {
    entries[4 * row] = offset
    entries[4 * row + 2] = counts[row]
    offset += counts[row]
  }
  return entries
}

function heldAs(type: ColumnType, values: Float64Array<ArrayBuffer>): Words {
  switch (type) {
    case 'DOUBLE':
      return values
    case 'INTEGER':
      return Int32Array.from(values)
    case 'VARCHAR':
      return Uint32Array.from(values)
    case 'BOOLEAN':
      return Uint8Array.from(values)
    case 'BIGINT':
      return BigInt64Array.from(values, (value) => BigInt(value === value ? value : 0))
  }
}

function copy(vector: Vector, values: Words): void {
  duckdb.copy_data_to_vector(vector, 0, values.buffer, values.byteOffset, values.byteLength)
}

// One bit a value, set where it is known.
function markUnknown(vector: Vector, values: Float64Array | Float32Array): void {
  let unknown = false
  for (let i = 0; i < values.length && !unknown; i++) unknown = values[i] !== values[i]
  if (!unknown) return
  const known = new Uint8Array(8 * Math.ceil(values.length / 64))
  for (let i = 0; i < values.length; i++) if (values[i] === values[i]) known[i >> 3] |= 1 << (i & 7)
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(vector, 0, known.buffer, 0, known.byteLength)
}
