import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import { withDatabase, writeParquet } from '../database.ts'
import { sqlList } from '../sql.ts'
import { whileLocked } from './file-lock.ts'
import type { ExportableOutcomes } from './open-store.ts'
import { writeDurably, writeLiveOutcomes } from './live-parquet.ts'
import { listOutcomeFiles, mergeable, outcomeFileName, type OutcomeFile } from './outcome-files.ts'
import { readOutcomes } from './parquet-outcomes.ts'

/** So many files smaller than that become one. */
const MERGE_FILES = 16
const MERGE_BYTES = 64 * 1024 * 1024

/**
 * Outcomes in a folder of Parquet files. Every insert writes one; many small ones are merged. Processes that share the
 * folder take turns.
 */
export class ParquetOutcomes implements ExportableOutcomes {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  insert(outcomes: readonly Outcome[]): Promise<number> {
    return this.#alone(async () => {
      const { live, next } = await listOutcomeFiles(this.#folder)
      const path = join(this.#folder, outcomeFileName(next))
      const known = live.map((file) => file.path)
      const count = await writeLiveOutcomes(outcomes, path, known)
      if (count > 0 && live.length + 1 >= MERGE_FILES) await this.#merge()
      return count
    })
  }

  async *read(runId?: string): AsyncGenerator<Outcome> {
    const scratch = await mkdtemp(join(tmpdir(), 'seedbed-read-'))
    try {
      const path = join(scratch, 'outcomes.parquet')
      if ((await this.exportTo(path)) > 0) yield* readOutcomes(path, runId)
    } finally {
      await rm(scratch, { recursive: true })
    }
  }

  async expire(beforeMs: number): Promise<void> {
    await this.#alone(async () => {
      const { live } = await listOutcomeFiles(this.#folder)
      if (live.length === 0) return
      await withDatabase(async (connection) => {
        for (const file of live) await expireFile(connection, file, beforeMs)
      })
    })
  }

  exportTo(path: string): Promise<number> {
    return this.#alone(async () => {
      const { live } = await listOutcomeFiles(this.#folder)
      if (live.length === 0) return 0
      return withDatabase(async (connection) => {
        await writeParquet(connection, selectAll(live), path, 'snappy')
        const counted = await connection.runAndReadAll(
          `SELECT count(*)::INTEGER FROM read_parquet(${sqlList([path])})`,
        )
        return Number(counted.getRows()[0][0])
      })
    })
  }

  async #merge(): Promise<void> {
    const parts = mergeable((await listOutcomeFiles(this.#folder)).live, MERGE_FILES, MERGE_BYTES)
    if (parts.length === 0) return
    const path = join(this.#folder, outcomeFileName(parts[0].from, parts[parts.length - 1].to))
    await withDatabase((connection) =>
      writeDurably(path, (draft) => writeParquet(connection, selectAll(parts), draft)),
    )
    for (const part of parts) await rm(part.path)
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return whileLocked(join(this.#folder, 'lock'), async () => {
      await this.#cleanUp()
      return work()
    })
  }

  // What a crash has left: drafts, and the parts of a file that was merged.
  async #cleanUp(): Promise<void> {
    const drafts = (await readdir(this.#folder)).filter((name) => /\.draft(\.tmp)?$/.test(name))
    for (const name of drafts) await rm(join(this.#folder, name), { force: true })
    for (const { path } of (await listOutcomeFiles(this.#folder)).superseded) await rm(path, { force: true })
  }
}

// Files of different versions may have different features.
const selectAll = (files: readonly OutcomeFile[]): string =>
  `SELECT * FROM read_parquet(${sqlList(files.map(({ path }) => path))}, union_by_name = true)`

async function expireFile(connection: DuckDBConnection, file: OutcomeFile, beforeMs: number): Promise<void> {
  const source = `read_parquet(${sqlList([file.path])})`
  const ages = await connection.runAndReadAll(`SELECT min(received_ms), max(received_ms) FROM ${source}`)
  const [oldest, newest] = ages.getRows()[0] as [number, number]
  if (oldest >= beforeMs) return
  if (newest < beforeMs) return rm(file.path)
  const rest = `SELECT * FROM ${source} WHERE received_ms >= ${beforeMs}`
  await writeDurably(file.path, (draft) => writeParquet(connection, rest, draft))
}
