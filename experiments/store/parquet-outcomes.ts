import { tmpdir } from 'node:os'
import { type DuckDBListValue, DuckDBListValue as ListValue } from '@duckdb/node-api'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import { openDatabase } from '../database.ts'
import { sqlList, sqlText } from '../sql.ts'
import { packFeatures, rowOf, textsOf } from './outcome-fields.ts'

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
  const candidateIds = textsOf('candidate_ids', itemsOf(values.get('candidate_ids')))
  return {
    runId: String(values.get('run_id')),
    decision: Number(values.get('decision')),
    receivedMs: Number(values.get('received_ms')),
    reporter: String(values.get('reporter')),
    trust: Number(values.get('trust')),
    row: rowOf({
      scalar: (name) => values.get(name),
      candidateIds,
      scores: floats(values.get('scores')),
      features: packFeatures(candidateIds.length, (name) => {
        const column = values.get(`f_${name}`)
        return column ? floats(column) : undefined
      }),
    }),
  }
}

const itemsOf = (value: unknown): DuckDBListValue['items'] => (value instanceof ListValue ? value.items : [])

function floats(value: unknown): Float32Array {
  const items = itemsOf(value)
  const floats = new Float32Array(items.length)
  for (let i = 0; i < items.length; i++) floats[i] = items[i] === null ? NaN : Number(items[i])
  return floats
}
