import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DecisionPlace } from '../peer/ports/ranker.ts'
import type { OutcomeRow, Recorder } from '../peer/ports/recorder.ts'
import { OutcomeWriter } from './outcome-store.ts'

export interface ParquetRecorderOptions {
  /** Where the files go; made where it is not there. */
  readonly folder: string
  /** Tells this process's rows from those of others: the column `run_id`, and the beginning of each file's name. */
  readonly runId: string
  /** Rows kept in memory until they are flushed; further ones are dropped and counted. Default 50,000. */
  readonly maxPendingRows?: number
  /** A flush begins by itself at this many rows. Default 10,000. */
  readonly flushRows?: number
  /** Told of a flush that failed; its rows are lost. */
  readonly onError?: (error: Error) => void
}

/**
 * Takes outcome rows of a live process. Every flush writes one Parquet file, RUN-ID.NUMBER.parquet, of the schema that
 * simulations write; a reader takes the folder's *.parquet together.
 */
export class ParquetRecorder implements Recorder {
  /** Rows that came while too many were waiting. */
  dropped = 0
  readonly #options: ParquetRecorderOptions
  readonly #flushRows: number
  readonly #maxPendingRows: number
  #pending: OutcomeRow[] = []
  #files = 0
  #flushing: Promise<void> = Promise.resolve()
  #isAsked = false

  constructor(options: ParquetRecorderOptions) {
    this.#options = options
    this.#flushRows = options.flushRows ?? 10_000
    this.#maxPendingRows = options.maxPendingRows ?? 50_000
  }

  wants(_place: DecisionPlace): boolean {
    return this.#pending.length < this.#maxPendingRows
  }

  record(row: OutcomeRow): void {
    if (this.#pending.length >= this.#maxPendingRows) {
      this.dropped++
      return
    }
    this.#pending.push(row)
    if (this.#pending.length < this.#flushRows || this.#isAsked) return
    this.#isAsked = true
    this.flush().catch((error: Error) => this.#options.onError?.(error))
  }

  /** Writes what is waiting; returns when it is on disk. Rejects where that fails. */
  flush(): Promise<void> {
    const next = this.#flushing.then(() => this.#write())
    this.#flushing = next.catch(() => undefined)
    return next
  }

  /** Flushes; nothing may be recorded afterwards. */
  close(): Promise<void> {
    return this.flush()
  }

  async #write(): Promise<void> {
    this.#isAsked = false
    const rows = this.#pending
    if (rows.length === 0) return
    this.#pending = []
    const { folder, runId } = this.#options
    await mkdir(folder, { recursive: true })
    const writer = await OutcomeWriter.open(tmpdir())
    try {
      for (const row of rows) writer.add(row)
      const path = join(folder, `${runId}.${this.#files++}.parquet`)
      await writer.finish(path, { runId, cell: 'live', replication: 0, seed: '' }, 'zstd')
    } finally {
      writer.close()
    }
  }
}
