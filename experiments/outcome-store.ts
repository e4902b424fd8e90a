import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { OutcomeRow } from '../peer/ports/recorder.ts'
import { OutcomeBatch, TextCodes } from './outcome-batch.ts'
import { RunHash } from './outcome-hash.ts'
import { appendBatch, CREATE_TABLE, SELECT_LIST, setTexts } from './outcome-table.ts'
import { sqlList, sqlText } from './sql.ts'

/** What all rows of a run share. */
export interface RunLabel {
  /** `cell/replication`. */
  readonly runId: string
  readonly cell: string
  readonly replication: number
  /** Seed of the simulation; empty for a live run. */
  readonly seed: string
}

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

/** Outcome rows as the table `rows` of a database in memory. */
export class OutcomeTable {
  readonly connection: DuckDBConnection
  readonly #instance: DuckDBInstance
  readonly #appender: DuckDBAppender
  readonly #onBatch: (batch: OutcomeBatch) => void
  readonly #batch = new OutcomeBatch()
  readonly #codes = new TextCodes()
  #isOpen = true

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    appender: DuckDBAppender,
    onBatch: (batch: OutcomeBatch) => void,
  ) {
    this.#instance = instance
    this.connection = connection
    this.#appender = appender
    this.#onBatch = onBatch
  }

  static async open(
    spillFolder: string,
    onBatch: (batch: OutcomeBatch) => void = () => undefined,
  ): Promise<OutcomeTable> {
    const instance = await openDatabase(spillFolder, 1)
    const connection = await instance.connect()
    await connection.run(CREATE_TABLE)
    return new OutcomeTable(instance, connection, await connection.createAppender('rows'), onBatch)
  }

  get rows(): number {
    return this.#batch.firstDecision + this.#batch.rows
  }

  /** What the codes of texts stand for, so far. */
  get texts(): readonly string[] {
    return this.#codes.texts
  }

  add(row: OutcomeRow): void {
    this.#batch.add(row, this.#codes)
    if (this.#batch.full) this.#store()
  }

  /** Makes all rows visible to queries, SELECT_LIST among them; none may be added afterwards. */
  async end(): Promise<void> {
    this.#store()
    this.#appender.closeSync()
    await setTexts(this.connection, this.#codes.texts)
  }

  /** Frees the database; harmless where that is done already. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.connection.closeSync()
    this.#instance.closeSync()
  }

  #store(): void {
    if (this.#batch.rows === 0) return
    this.#onBatch(this.#batch)
    appendBatch(this.#appender, this.#batch)
    this.#batch.clear()
  }
}

/** Takes the outcome rows of one run, hashes them, and writes them to a Parquet file in the order in which they came. */
export class OutcomeWriter {
  readonly #table: OutcomeTable
  readonly #hash: RunHash

  private constructor(table: OutcomeTable, hash: RunHash) {
    this.#table = table
    this.#hash = hash
  }

  static async open(spillFolder: string): Promise<OutcomeWriter> {
    const hash = new RunHash()
    return new OutcomeWriter(await OutcomeTable.open(spillFolder, (batch) => hash.add(batch)), hash)
  }

  get rows(): number {
    return this.#table.rows
  }

  add(row: OutcomeRow): void {
    this.#table.add(row)
  }

  /** Writes the file under a temporary name and renames it; returns the hash of the rows. The writer is done then. */
  async finish(path: string, label: RunLabel, compression: Compression = 'snappy'): Promise<string> {
    await this.#table.end()
    const constants = [
      `${sqlText(label.runId)} AS run_id`,
      `${sqlText(label.cell)} AS cell`,
      `${label.replication}::INTEGER AS replication`,
      `${sqlText(label.seed)} AS seed`,
    ]
    const select = `SELECT ${constants.join(', ')}, decision, ${SELECT_LIST} FROM rows`
    await writeParquet(this.#table.connection, select, path, compression)
    this.close()
    return this.#hash.digest(this.#table.texts)
  }

  /** Frees the database; harmless where `finish` has done so already. */
  close(): void {
    this.#table.close()
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

/** Joins outcome files of single runs to one, in the order given. */
export async function mergeOutcomes(
  parts: readonly string[],
  path: string,
  spillFolder: string,
): Promise<void> {
  const select = `SELECT * FROM read_parquet(${sqlList(parts)})`
  await withDatabase((connection) => writeParquet(connection, select, path), spillFolder, 2, '2GB')
}
