import { createHash } from 'node:crypto'
import type { OutcomeSink } from '../../peer/ports/outcome-sink.ts'
import type { OutcomeRow } from '../../peer/ports/recorder.ts'

/** A batch of outcomes under a name that its reporter has given it. */
export interface OutcomeBatch {
  readonly reportId: string
  /** Who reports, as its token says; empty for anybody. */
  readonly subject: string
  readonly rows: readonly OutcomeRow[]
}

/** Reports that are remembered, so that one that comes again counts once. */
const MOST_REMEMBERED = 20_000
/** How far those are believed for whom no token vouches. */
const STRANGER_TRUST = 0.5

/** Takes the reports of peers: each once, however often it comes, and acknowledged when it can't be lost any more. */
export class OutcomeDesk {
  readonly #sink: OutcomeSink | undefined
  readonly #nowMs: () => number
  readonly #known = new Map<string, Promise<void>>()

  constructor(sink: OutcomeSink | undefined, nowMs: () => number) {
    this.#sink = sink
    this.#nowMs = nowMs
  }

  /** Whether reports are kept. */
  get isKeeping(): boolean {
    return this.#sink !== undefined
  }

  /** Resolves when the rows are safe, to whether the report is new. Rejects with TryLaterError where they can't be kept now. */
  async take({ reportId, subject, rows }: OutcomeBatch): Promise<boolean> {
    // Nobody can take the name of another reporter's report.
    const owner = createHash('sha256').update(subject).digest('hex').slice(0, 16)
    const runId = `report:${owner}:${reportId}`
    const known = this.#known.get(runId)
    if (known) return known.then(() => false)
    const stored = this.#append(runId, subject, rows)
    this.#remember(runId, stored)
    await stored
    return true
  }

  async #append(runId: string, reporter: string, rows: readonly OutcomeRow[]): Promise<void> {
    const receivedMs = this.#nowMs()
    const trust = reporter === '' ? STRANGER_TRUST : 1
    try {
      await this.#sink?.append(
        rows.map((row, decision) => ({ runId, decision, receivedMs, reporter, trust, row })),
      )
    } catch (error) {
      this.#known.delete(runId)
      throw error
    }
  }

  #remember(runId: string, stored: Promise<void>): void {
    this.#known.set(runId, stored)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_REMEMBERED) break
      this.#known.delete(oldest)
    }
  }
}
