import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { DecisionPlace } from '../../peer/ports/ranker.ts'
import type { OutcomeRow, Recorder } from '../../peer/ports/recorder.ts'
import { type Outcome, OutcomesRefusedError, type OutcomeSink } from '../../peer/ports/outcome-sink.ts'

export interface SinkRecorderOptions {
  readonly sink: OutcomeSink
  readonly runId: string
  /** Rows that wait to be acknowledged, at most; further ones are dropped and counted. Default 10,000. */
  readonly maxPendingRows?: number
  /** Share of the decisions that is wanted, drawn at random. Default 1. */
  readonly share?: number
}

/** Rows that are given to the sink at once, at most. */
const ROWS_PER_APPEND = 500

/** A name for one recording of a process that plays this role. */
export const newRunId = (role: string): string =>
  `${role}-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`

/** Gives the rows that a core records to a sink, and again where it refuses them. */
export class SinkRecorder implements Recorder {
  /** Rows that came while too many were waiting. */
  dropped = 0
  readonly #options: Required<SinkRecorderOptions>
  readonly #stop = new AbortController()
  #pending: Outcome[] = []
  #decisions = 0
  #flushing: Promise<void> | undefined

  constructor(options: SinkRecorderOptions) {
    this.#options = { maxPendingRows: 10_000, share: 1, ...options }
  }

  wants(_place: DecisionPlace): boolean {
    const { maxPendingRows, share } = this.#options
    return this.#pending.length < maxPendingRows && (share >= 1 || Math.random() < share)
  }

  record(row: OutcomeRow): void {
    if (this.#pending.length >= this.#options.maxPendingRows) {
      this.dropped++
      return
    }
    const { runId } = this.#options
    const origin = { runId, decision: this.#decisions++, receivedMs: Date.now(), reporter: '', trust: 1 }
    this.#pending.push({ ...origin, row })
    this.#flushing ??= this.#flush()
  }

  /** Resolves when the sink has what was recorded; what it refuses now is counted as dropped. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#flushing
    this.dropped += this.#pending.length
    this.#pending = []
  }

  async #flush(): Promise<void> {
    // Rows that come in the same turn go together.
    await Promise.resolve()
    while (this.#pending.length > 0 && (await this.#give(this.#pending.slice(0, ROWS_PER_APPEND))));
    this.#flushing = undefined
  }

  /** Returns whether to go on. */
  async #give(rows: readonly Outcome[]): Promise<boolean> {
    const { signal } = this.#stop
    try {
      await this.#options.sink.append(rows)
      this.#pending.splice(0, rows.length)
    } catch (error) {
      if (!(error instanceof OutcomesRefusedError)) throw error
      if (signal.aborted) return false
      await pause(error.retryAfterMs, undefined, { signal }).catch(() => undefined)
    }
    return true
  }
}
