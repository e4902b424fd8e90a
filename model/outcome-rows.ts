import type { DuckDBConnection } from '@duckdb/node-api'
import { FEATURE_COUNT, FEATURES } from '../peer/protocol/features.ts'
import { quote } from '../peer/protocol/ids.ts'
import { DatasetError } from './errors.ts'

/** Fetches in columns, ordered by requester and time: rows of one list lie next to each other. */
export interface FetchRows {
  readonly count: number
  /** Simulation seed and swarm: what splits keep whole. */
  readonly seeds: readonly string[]
  readonly swarms: readonly string[]
  /** Differs between requesters, swarms and runs; rows of equal key lie together. */
  readonly lists: readonly string[]
  readonly decidedMs: Float64Array
  /** Raw features of the chosen seed, [rows, FEATURE_COUNT]. */
  readonly features: Float32Array
  readonly utility: Float32Array
  readonly propensity: Float64Array
  /** How far the reporter of a row is believed, above 0 and at most 1; 1 where the recorder saw it itself. */
  readonly trust: Float64Array
}

export interface OutcomeCounts {
  readonly policies: Record<string, number>
  readonly results: Record<string, number>
  /** Share of the requesters that were read. */
  readonly sampledShare: number
}

const FEATURE_COLUMNS = FEATURES.map(({ name }) => `f_${name}`)
const NEEDED = [
  ...[
    'run_id',
    'seed',
    'swarm',
    'decision',
    'place',
    'requester',
    'decided_ms',
    'policy',
    'chosen',
    'propensity',
  ],
  ...['reason', 'result', 'duration_ms', 'bytes', ...FEATURE_COLUMNS],
]

/**
 * Reads the peers' fetches from other peers in outcome files. The utility of a fetch is ln(byte/s) of its payload over
 * its duration. A fetch that failed (timeout, disconnected, corrupt, busy, rescued) still cost its time and has to be
 * made again: it counts as a chunk that took the wasted time plus the 90th percentile of that requester's successful
 * fetches. Cancelled fetches, the losers of an end game or a skip, are left out as censored; so are requesters
 * without a successful fetch, and rows whose reporter is not believed at all. Above `maxRows` fetches whole requesters
 * are sampled by hash.
 */
export async function readFetches(
  connection: DuckDBConnection,
  parquetPaths: readonly string[],
  maxRows: number,
): Promise<{ rows: FetchRows; counts: OutcomeCounts }> {
  const files = `read_parquet([${parquetPaths.map(sqlText).join(', ')}], filename = true, union_by_name = true)`
  const columns = await checkColumns(connection, parquetPaths, files)
  const trust = columns.has('trust') ? 'coalesce(trust, 1)' : '1'
  await connection.run(`
    CREATE OR REPLACE TEMP VIEW fetches AS
    SELECT *, ${trust}::DOUBLE AS believed,
      list_position([${parquetPaths.map(sqlText).join(', ')}], filename) AS file
    FROM ${files}
    WHERE place = 'peer' AND reason IN ('normal', 'endgame') AND result <> 'cancelled'
      AND duration_ms >= 0 AND propensity > 0 AND ${trust} > 0`)
  const policies = await countBy(connection, 'policy')
  const results = await countBy(connection, 'result')
  const available = Object.values(results).reduce((sum, n) => sum + n, 0)
  const sampledShare = Math.min(1, maxRows / Math.max(available, 1))
  return { rows: await readRows(connection, sampledShare), counts: { policies, results, sampledShare } }
}

async function readRows(connection: DuckDBConnection, sampledShare: number): Promise<FetchRows> {
  // Which requesters are kept depends on names alone, not on the order or number of rows.
  const isSampled = `md5_number_lower(concat_ws('/', seed, swarm, requester)) % 1000000 < ${Math.round(sampledShare * 1e6)}`
  const features = FEATURE_COLUMNS.map((column) => `CAST(${column}[chosen + 1] AS FLOAT)`)
  const result = await connection.runAndReadAll(`
    WITH success AS (
      SELECT file, run_id, swarm, requester, max(bytes) AS chunk_bytes, quantile_cont(duration_ms, 0.9) AS retry_ms
      FROM fetches WHERE result = 'ok' GROUP BY ALL)
    SELECT seed, swarm, concat_ws('/', file, run_id, swarm, requester), decided_ms, propensity, believed,
      CASE WHEN result = 'ok' THEN ln(1000.0 * greatest(bytes, 1) / greatest(duration_ms, 1))
        ELSE ln(1000.0 * chunk_bytes / (greatest(duration_ms, 1) + retry_ms)) END,
      ${features.join(', ')}
    FROM fetches JOIN success USING (file, run_id, swarm, requester)
    WHERE ${isSampled}
    ORDER BY file, run_id, swarm, requester, decided_ms, decision`)
  const columns = result.getColumns()
  const numbers = (column: number) => columns[column] as (number | null)[]
  const count = result.currentRowCount
  const packed = new Float32Array(count * FEATURE_COUNT)
  for (let feature = 0; feature < FEATURE_COUNT; feature++) {
    const values = numbers(7 + feature)
    for (let row = 0; row < count; row++) packed[row * FEATURE_COUNT + feature] = values[row] ?? NaN
  }
  return {
    count,
    seeds: columns[0] as string[],
    swarms: columns[1] as string[],
    lists: columns[2] as string[],
    decidedMs: Float64Array.from(numbers(3) as number[]),
    features: packed,
    utility: Float32Array.from(numbers(6) as number[]),
    propensity: Float64Array.from(numbers(4) as number[]),
    trust: Float64Array.from(numbers(5) as number[]),
  }
}

async function checkColumns(
  connection: DuckDBConnection,
  paths: readonly string[],
  files: string,
): Promise<ReadonlySet<unknown>> {
  if (paths.length === 0) throw new DatasetError('no outcome files to read (give at least one run folder)')
  const shown = paths.map((path) => quote(path)).join(', ')
  const described = await connection
    .runAndReadAll(`DESCRIBE SELECT * FROM ${files}`)
    .catch((cause: unknown) => {
      throw new DatasetError(`invalid outcomes ${shown}: ${(cause as Error).message}`, { cause })
    })
  const present = new Set(described.getColumns()[0])
  const missing = NEEDED.filter((column) => !present.has(column))
  if (missing.length > 0)
    throw new DatasetError(
      `invalid outcomes ${shown}: no column ${missing.join(', ')} (recorded by another version; run the experiment again)`,
    )
  return present
}

async function countBy(connection: DuckDBConnection, column: string): Promise<Record<string, number>> {
  const result = await connection.runAndReadAll(
    `SELECT ${column}, CAST(count(*) AS INTEGER) FROM fetches GROUP BY 1 ORDER BY 1`,
  )
  return Object.fromEntries(result.getRows()) as Record<string, number>
}

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`
