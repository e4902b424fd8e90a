import { FEATURE_COUNT } from '../peer/protocol/features.ts'
import type { OutcomeRow } from '../peer/ports/recorder.ts'
import { SCALAR_COLUMNS } from './outcome-columns.ts'

/** Rows in a full batch: DuckDB's vector size, so that a batch is one data chunk. */
export const BATCH_ROWS = 2048

/** Numbers texts in the order in which they first appear. */
export class TextCodes {
  readonly texts: string[] = []
  readonly #codes = new Map<string, number>()

  code(text: string): number {
    let code = this.#codes.get(text)
    if (code === undefined) {
      code = this.texts.push(text) - 1
      this.#codes.set(text, code)
    }
    return code
  }
}

/** Up to BATCH_ROWS outcome rows as columns of numbers; texts are codes. */
export class OutcomeBatch {
  /** Number of the first row in its run. */
  firstDecision = 0
  rows = 0
  /** Candidates of all rows together. */
  candidates = 0
  /** One a scalar column; texts as codes, booleans as 0 and 1, NaN where unknown. */
  readonly scalars: readonly Float64Array<ArrayBuffer>[] = SCALAR_COLUMNS.map(
    () => new Float64Array(BATCH_ROWS),
  )
  /** Candidates of each row. */
  readonly counts = new Uint32Array(BATCH_ROWS)
  candidateIds: Uint32Array<ArrayBuffer> = new Uint32Array(0)
  scores: Float32Array<ArrayBuffer> = new Float32Array(0)
  /** One a feature, candidate after candidate. */
  features: Float32Array<ArrayBuffer>[] = Array.from({ length: FEATURE_COUNT }, () => new Float32Array(0))

  get full(): boolean {
    return this.rows === BATCH_ROWS
  }

  add(row: OutcomeRow, codes: TextCodes): void {
    const at = this.rows++
    for (let i = 0; i < SCALAR_COLUMNS.length; i++) {
      const value = row[SCALAR_COLUMNS[i].field]
      this.scalars[i][at] = typeof value === 'string' ? codes.code(value) : Number(value)
    }
    const count = row.candidateIds.length
    this.counts[at] = count
    this.#reserve(this.candidates + count)
    const from = this.candidates
    for (let c = 0; c < count; c++) {
      this.candidateIds[from + c] = codes.code(row.candidateIds[c])
      this.scores[from + c] = canonical(row.scores[c])
    }
    for (let f = 0; f < FEATURE_COUNT; f++) {
      const values = this.features[f]
      for (let c = 0; c < count; c++) values[from + c] = canonical(row.features[c * FEATURE_COUNT + f])
    }
    this.candidates += count
  }

  /** Empties the batch; the next row added is the one after its last. */
  clear(): void {
    this.firstDecision += this.rows
    this.rows = 0
    this.candidates = 0
  }

  #reserve(candidates: number): void {
    if (candidates <= this.scores.length) return
    const size = Math.max(candidates, 2 * this.scores.length, 16 * BATCH_ROWS)
    this.candidateIds = grown(this.candidateIds, new Uint32Array(size))
    this.scores = grown(this.scores, new Float32Array(size))
    this.features = this.features.map((values) => grown(values, new Float32Array(size)))
  }
}

// A NaN has many bit patterns; one of them must stand for all, or equal rows would hash differently.
const canonical = (value: number): number => (value === value ? value : NaN)

function grown<T extends Uint32Array | Float32Array>(old: T, larger: T): T {
  larger.set(old)
  return larger
}
