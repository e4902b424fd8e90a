import type { DuckDBConnection } from '@duckdb/node-api'
import { type Deployment, FEATURE_COUNT, FEATURES } from '../peer/protocol/features.ts'
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
 *
 * For a tracker of unmodified clients the features are those of the tracker's own decision: the last that named the chosen
 * seed to the requester before the fetch. Fetches from seeds that no tracker named to the requester are left out.
 */
export async function readFetches(
  connection: DuckDBConnection,
  parquetPaths: readonly string[],
  maxRows: number,
  deployment: Deployment = 'peer',
): Promise<{ rows: FetchRows; counts: OutcomeCounts }> {
  const files = `read_parquet([${parquetPaths.map(sqlText).join(', ')}], filename = true, union_by_name = true)`
  const columns = await checkColumns(connection, parquetPaths, files)
  const seenByTracker = deployment === 'tracker-only'
  if (seenByTracker) checkTrackerRows(columns, parquetPaths)
  const trust = columns.has('trust') ? 'coalesce(trust, 1)' : '1'
  await connection.run(`
    CREATE OR REPLACE TEMP VIEW fetches AS
    SELECT *, ${trust}::DOUBLE AS believed,
      list_position([${parquetPaths.map(sqlText).join(', ')}], filename) AS file
    FROM ${files}
    WHERE place = 'peer' AND reason IN ('normal', 'endgame') AND result <> 'cancelled'
      AND duration_ms >= 0 AND propensity > 0 AND ${trust} > 0`)
  if (seenByTracker) await createNamed(connection, files, parquetPaths)
  const policies = await countBy(connection, 'policy')
  const results = await countBy(connection, 'result')
  const available = Object.values(results).reduce((sum, n) => sum + n, 0)
  const sampledShare = Math.min(1, maxRows / Math.max(available, 1))
  return {
    rows: await readRows(connection, sampledShare, seenByTracker),
    counts: { policies, results, sampledShare },
  }
}

/** Every member that a tracker considered for somebody, with the features that it went by. */
async function createNamed(
  connection: DuckDBConnection,
  files: string,
  paths: readonly string[],
): Promise<void> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE named AS
    SELECT list_position([${paths.map(sqlText).join(', ')}], filename) AS file,
      run_id, swarm, requester, decided_ms, unnest(candidate_ids) AS seed_id,
      ${FEATURE_COLUMNS.map((column) => `unnest(${column}) AS ${column}`).join(', ')}
    FROM ${files} WHERE place = 'tracker' AND result = 'listed'`)
}

function checkTrackerRows(columns: ReadonlySet<unknown>, paths: readonly string[]): void {
  if (columns.has('candidate_ids')) return
  throw new DatasetError(
    `invalid outcomes ${paths.map((path) => quote(path)).join(', ')}: no column candidate_ids, which tells what a tracker knew of whom (run the experiment again)`,
  )
}

async function readRows(
  connection: DuckDBConnection,
  sampledShare: number,
  seenByTracker: boolean,
): Promise<FetchRows> {
  // Which requesters are kept depends on names alone, not on the order or number of rows.
  const isSampled = `md5_number_lower(concat_ws('/', seed, fetches.swarm, fetches.requester)) % 1000000 < ${Math.round(sampledShare * 1e6)}`
  const features = FEATURE_COLUMNS.map((column) =>
    seenByTracker ? `CAST(named.${column} AS FLOAT)` : `CAST(${column}[chosen + 1] AS FLOAT)`,
  )
  const named = seenByTracker
    ? `ASOF JOIN named ON fetches.file = named.file AND fetches.run_id = named.run_id AND fetches.swarm = named.swarm
        AND fetches.requester = named.requester AND fetches.candidate_ids[chosen + 1] = named.seed_id
        AND fetches.decided_ms >= named.decided_ms`
    : ''
  const result = await connection.runAndReadAll(`
    WITH success AS (
      SELECT file, run_id, swarm, requester, max(bytes) AS chunk_bytes, quantile_cont(duration_ms, 0.9) AS retry_ms
      FROM fetches WHERE result = 'ok' GROUP BY ALL)
    SELECT seed, fetches.swarm, concat_ws('/', fetches.file, fetches.run_id, fetches.swarm, fetches.requester),
      fetches.decided_ms, propensity, believed,
      CASE WHEN result = 'ok' THEN ln(1000.0 * greatest(bytes, 1) / greatest(duration_ms, 1))
        ELSE ln(1000.0 * chunk_bytes / (greatest(duration_ms, 1) + retry_ms)) END,
      ${features.join(', ')}
    FROM fetches
      JOIN success ON fetches.file = success.file AND fetches.run_id = success.run_id
        AND fetches.swarm = success.swarm AND fetches.requester = success.requester
      ${named}
    WHERE ${isSampled}
    ORDER BY fetches.file, fetches.run_id, fetches.swarm, fetches.requester, fetches.decided_ms, decision`)
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
