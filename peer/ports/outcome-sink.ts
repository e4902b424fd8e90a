import type { OutcomeRow } from './recorder.ts'
import { TryLaterError } from './try-later-error.ts'

/** An outcome row with its name and its origin. */
export interface Outcome {
  /**
   * The recording that the row belongs to: one run of one process, or one reporter's. With `decision` it names the row;
   * a row that comes again under its name is kept once. 1 to 128 characters of A–Z, a–z, 0–9 and . _ : @ + -
   */
  readonly runId: string
  /** Number of the row in its recording, from 0. */
  readonly decision: number
  /** When the tracker took it, milliseconds since 1970. */
  readonly receivedMs: number
  /** Who vouches for it; empty where this process saw it itself. At most 128 characters. */
  readonly reporter: string
  /** How far the reporter is believed, 0 to 1. */
  readonly trust: number
  readonly row: OutcomeRow
}

/** Takes outcomes that must not be lost. */
export interface OutcomeSink {
  /**
   * Resolves when the rows are on stable storage: from then on they survive a crash, and reach the store once. Rejects
   * with OutcomesRefusedError where they can't be taken now; rows of a call that rejected may be given again under
   * the same names.
   */
  append(outcomes: readonly Outcome[]): Promise<void>
}

/** Outcomes can't be taken now: the queue is full, or the disk. Nothing that was acknowledged is lost. */
export class OutcomesRefusedError extends TryLaterError<
  'E_OUTCOMES_QUEUE_FULL' | 'E_OUTCOMES_DISK' | 'E_OUTCOMES_CLOSED'
> {
  override readonly name = 'OutcomesRefusedError'
}
