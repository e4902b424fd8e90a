import { tmpdir } from 'node:os'
import { type DuckDBListValue, DuckDBListValue as ListValue } from '@duckdb/node-api'
import { FEATURE_COLUMNS } from '../outcome-columns.ts'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import { openDatabase } from '../outcome-store.ts'
import { sqlList, sqlText } from '../sql.ts'
import { rowOf } from './outcome-fields.ts'

/** The outcomes of a Parquet file of live rows. Throws InvalidOutcomeError where one is not as it was written. */
export async function* readOutcomes(path: string, runId?: string): AsyncGenerator<Outcome> {
  const instance = await openDatabase(tmpdir(), 1)
  const connection = await instance.connect()
  try {
    const where = runId === undefined ? '' : `WHERE run_id = ${sqlText(runId)}`
    const result = await connection.stream(`SELECT * FROM read_parquet(${sqlList([path])}) ${where}`)
    const names = result.columnNames()
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return
      for (const values of chunk.getRows())
        yield outcomeOf(new Map(names.map((name, i) => [name, values[i]])))
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function outcomeOf(values: ReadonlyMap<string, unknown>): Outcome {
  return {
    runId: String(values.get('run_id')),
    decision: Number(values.get('decision')),
    receivedMs: Number(values.get('received_ms')),
    reporter: String(values.get('reporter')),
    trust: Number(values.get('trust')),
    row: rowOf({
      scalar: (name) => values.get(name),
      candidateIds: itemsOf(values.get('candidate_ids')),
      scores: floats(values.get('scores')),
      feature: (name) => {
        const column = `f_${name}`
        return FEATURE_COLUMNS.includes(column) && values.get(column) ? floats(values.get(column)) : undefined
      },
    }),
  }
}

const itemsOf = (value: unknown): DuckDBListValue['items'] => (value instanceof ListValue ? value.items : [])

const floats = (value: unknown): Float32Array =>
  Float32Array.from(itemsOf(value), (item) => (item === null ? NaN : Number(item)))
