import type { OutcomeRow } from '../peer/ports/recorder.ts'
import { type Compression, withDatabase, writeParquet } from './database.ts'
import { RunHash } from './outcome-hash.ts'
import { OutcomeTable } from './outcome-loader.ts'
import { SELECT_LIST } from './outcome-table.ts'
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

/** Joins outcome files of single runs to one, in the order given. */
export async function mergeOutcomes(
  parts: readonly string[],
  path: string,
  spillFolder: string,
): Promise<void> {
  const select = `SELECT * FROM read_parquet(${sqlList(parts)})`
  await withDatabase((connection) => writeParquet(connection, select, path), spillFolder, 2, '2GB')
}
