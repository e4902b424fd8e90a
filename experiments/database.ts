import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { sqlText } from './sql.ts'

/** Small, because a row holds hundreds of values. */
const ROWS_PER_GROUP = 20_480

/** `snappy` is quicker, for files that are read once. */
export type Compression = 'zstd' | 'snappy'

/** Opens a database in memory that spills to `spillFolder` rather than grow over `memoryLimit`. */
export function openDatabase(
  spillFolder: string,
  threads: number,
  memoryLimit = '1GB',
): Promise<DuckDBInstance> {
  return DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: memoryLimit,
    temp_directory: spillFolder,
    preserve_insertion_order: 'true',
  })
}

/** Lets `work` use a small database in memory. */
export async function withDatabase<T>(
  work: (connection: DuckDBConnection) => Promise<T>,
  spillFolder = tmpdir(),
  threads = 1,
  memoryLimit?: string,
): Promise<T> {
  const instance = await openDatabase(spillFolder, threads, memoryLimit)
  const connection = await instance.connect()
  try {
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Writes the rows of a query to a Parquet file under a temporary name, then renames it. */
export async function writeParquet(
  connection: DuckDBConnection,
  select: string,
  path: string,
  compression: Compression = 'zstd',
): Promise<void> {
  const partial = `${path}.tmp`
  const options = `FORMAT parquet, COMPRESSION ${compression}, ROW_GROUP_SIZE ${ROWS_PER_GROUP}`
  await connection.run(`COPY (${select}) TO ${sqlText(partial)} (${options})`)
  await rename(partial, path)
}
