import { createHash } from 'node:crypto'
import type { OutcomeRow } from '../peer/ports/recorder.ts'
import { OutcomeBatch, TextCodes } from './outcome-batch.ts'

/**
 * SHA-256 over the rows of one run in their order, independent of how they are stored. Canonical form: batches of
 * BATCH_ROWS rows, column after column, little-endian, texts as codes in order of first appearance; the texts follow.
 */
export class RunHash {
  readonly #hash = createHash('sha256')

  /** Takes the next batch. All but the last must be full. */
  add(batch: OutcomeBatch): void {
    const { rows, candidates } = batch
    this.#hash.update(`batch ${rows} ${candidates}\n`)
    for (const values of batch.scalars) this.#words(values, rows)
    this.#words(batch.counts, rows)
    this.#words(batch.candidateIds, candidates)
    this.#words(batch.scores, candidates)
    for (const values of batch.features) this.#words(values, candidates)
  }

  /** The hash in hex; nothing may be added afterwards. */
  digest(texts: readonly string[]): string {
    this.#hash.update(JSON.stringify(texts))
    return this.#hash.digest('hex')
  }

  #words(values: Float64Array | Float32Array | Uint32Array, count: number): void {
    this.#hash.update(new Uint8Array(values.buffer, values.byteOffset, count * values.BYTES_PER_ELEMENT))
  }
}

/** Hashes outcome rows as OutcomeWriter does, and keeps none. */
export class OutcomeHasher {
  readonly #batch = new OutcomeBatch()
  readonly #codes = new TextCodes()
  readonly #hash = new RunHash()

  add(row: OutcomeRow): void {
    this.#batch.add(row, this.#codes)
    if (this.#batch.full) this.#take()
  }

  /** The hash in hex; nothing may be added afterwards. */
  digest(): string {
    this.#take()
    return this.#hash.digest(this.#codes.texts)
  }

  #take(): void {
    if (this.#batch.rows === 0) return
    this.#hash.add(this.#batch)
    this.#batch.clear()
  }
}

/** The hash of one run's outcome rows. */
export interface RunOutcomesHash {
  readonly runId: string
  readonly hash: string
}

/** The hash of a whole experiment: SHA-256 over its runs' identifiers and hashes, in plan order. */
export function combineHashes(runs: readonly RunOutcomesHash[]): string {
  const hash = createHash('sha256')
  for (const run of runs) hash.update(`${JSON.stringify(run.runId)} ${run.hash}\n`)
  return hash.digest('hex')
}
