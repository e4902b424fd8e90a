import { rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import { writeParquet } from '../database.ts'
import { OutcomeTable } from '../outcome-loader.ts'
import { SELECT_LIST } from '../outcome-table.ts'
import { sqlList } from '../sql.ts'
import { syncPath } from './folder-sync.ts'

/** Columns that tell a live row's origin, besides those of simulations. */
const ORIGINS =
  'place_in_table BIGINT, run_id VARCHAR, decision BIGINT, received_ms DOUBLE, reporter VARCHAR, trust DOUBLE'

const COLUMNS = [
  'run_id',
  "'live' AS cell",
  '0::INTEGER AS replication',
  "'' AS seed",
  'origins.decision AS decision',
  SELECT_LIST,
  'received_ms',
  'reporter',
  'trust',
]

/**
 * Writes outcomes to a Parquet file of the schema that simulations write and the columns received_ms, reporter and trust:
 * each name once, and none that the files in `known` have. Writes no file where nothing is left. Returns the rows written.
 */
export async function writeLiveOutcomes(
  outcomes: Iterable<Outcome> | AsyncIterable<Outcome>,
  path: string,
  known: readonly string[] = [],
): Promise<number> {
  const table = await OutcomeTable.open(tmpdir())
  try {
    const { connection } = table
    await connection.run(`CREATE TEMP TABLE origins (${ORIGINS})`)
    const origins = await connection.createAppender('origins')
    for await (const { runId, decision, receivedMs, reporter, trust, row } of outcomes) {
      origins.appendBigInt(BigInt(table.rows))
      origins.appendVarchar(runId)
      origins.appendBigInt(BigInt(decision))
      origins.appendDouble(receivedMs)
      origins.appendVarchar(reporter)
      origins.appendDouble(trust)
      origins.endRow()
      table.add(row)
    }
    origins.closeSync()
    await table.end()
    await connection.run(`
      CREATE TEMP TABLE fresh AS SELECT * FROM origins
      QUALIFY row_number() OVER (PARTITION BY run_id, decision ORDER BY place_in_table) = 1`)
    if (known.length > 0)
      await connection.run(`
        DELETE FROM fresh USING read_parquet(${sqlList(known)}) AS kept
        WHERE fresh.run_id = kept.run_id AND fresh.decision = kept.decision`)
    const counted = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM fresh')
    const count = Number(counted.getRows()[0][0])
    if (count === 0) return 0
    const select = `SELECT ${COLUMNS.join(', ')} FROM rows JOIN fresh AS origins
      ON place_in_table = rows.decision ORDER BY place_in_table`
    await writeDurably(path, (draft) => writeParquet(connection, select, draft, 'zstd'))
    return count
  } finally {
    table.close()
  }
}

/** Lets `write` write a file beside `path`, and gives it that name when it is on stable storage. */
export async function writeDurably(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.draft`
  try {
    await write(draft)
    await syncPath(draft)
    await rename(draft, path)
    await syncPath(dirname(path))
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}
