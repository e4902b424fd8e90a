import { quote } from '../../peer/protocol/ids.ts'
import type { Outcome, OutcomeSink } from '../../peer/ports/outcome-sink.ts'
import type { OutcomeIntake, OutcomeStore } from '../../peer/ports/outcome-store.ts'
import { drainJournal, drainOrphans } from './drain.ts'
import { Journal, type JournalOptions } from './journal.ts'
import { MAX_LINE_BYTES, outcomeLine } from './journal-format.ts'
import { checkRow } from './outcome-fields.ts'

export interface DurableOptions {
  readonly store: OutcomeIntake & Partial<Pick<OutcomeStore, 'expire'>>
  /** Where rows wait for the store; several processes may share it. */
  readonly journalRoot: string
  /** Bytes that wait for the store above which rows are refused. Default 1 GiB. */
  readonly maxQueueBytes?: number | undefined
  /** How often waiting rows go to the store. Default 10,000. */
  readonly drainMs?: number
  /** Outcomes are forgotten so long after they were received; kept for ever where it is left out. */
  readonly retentionMs?: number | undefined
  /** Told once when the store fails and once when it is back; and of what is damaged. */
  readonly warn?: ((text: string) => void) | undefined
}

const SEGMENT_BYTES = 8 * 1024 * 1024
const FIRST_RETRY_MS = 1_000
const MOST_RETRY_MS = 60_000
const HOUSEKEEPING_MS = 60_000
const EXPIRY_STEP_MS = 3_600_000
const RUN_ID = /^[A-Za-z0-9._:@+-]{1,128}$/
const REPORTER_CHARACTERS = 128

/** How the queue before the store stands. */
export interface QueueState {
  /** Bytes of rows that the store hasn't got yet. */
  readonly queuedBytes: number
  readonly maxQueueBytes: number
  /** Whether the store took what it was given last. */
  readonly isStoreUp: boolean
  /** Rows that the store has got from this process. */
  readonly drained: number
}

/**
 * Takes outcomes into a journal on disk, which is what acknowledges them, and carries them on to the store. A segment of
 * the journal goes when the store has all its rows; rows that come to the store twice are kept once there.
 */
export class DurableOutcomes implements OutcomeSink {
  readonly #options: DurableOptions
  readonly #journalOptions: JournalOptions
  readonly #journal: Journal
  #drained = 0
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #draining: Promise<void> = Promise.resolve()
  #keptHouseMs = 0
  #isClosed = false

  private constructor(options: DurableOptions, journal: Journal, journalOptions: JournalOptions) {
    this.#options = options
    this.#journal = journal
    this.#journalOptions = journalOptions
  }

  static async open(options: DurableOptions): Promise<DurableOutcomes> {
    const journalOptions = {
      maxBytes: options.maxQueueBytes ?? 1024 ** 3,
      segmentBytes: SEGMENT_BYTES,
      onSegment: () => durable.#wake(),
    }
    const journal = await Journal.open(options.journalRoot, journalOptions)
    const durable = new DurableOutcomes(options, journal, journalOptions)
    durable.#schedule(0)
    return durable
  }

  get state(): QueueState {
    return {
      queuedBytes: this.#journal.bytes,
      maxQueueBytes: this.#journalOptions.maxBytes,
      isStoreUp: this.#failures === 0,
      drained: this.#drained,
    }
  }

  async append(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return
    await this.#journal.append(outcomes.map(checkedLine).join(''))
  }

  /** Carries all that is acknowledged to the store; rejects where the store fails. */
  drain(): Promise<void> {
    const { store, warn } = this.#options
    const next = this.#draining.then(async () => {
      this.#drained += await drainJournal(this.#journal, store, warn)
    })
    this.#draining = next.catch(() => undefined)
    return next
  }

  /** Carries what is there to the store, where that can be reached; the rest stays in the journal. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.drain().catch((error: Error) =>
      this.#options.warn?.(
        `${this.#journal.bytes} bytes of outcomes wait in ${this.#journal.folder} for the next start: ${error.message}`,
      ),
    )
    await this.#journal.close()
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#pass(), delayMs)
  }

  // A full segment goes to the store at once, unless that is known to be down.
  #wake(): void {
    if (this.#failures === 0) this.#schedule(0)
  }

  async #pass(): Promise<void> {
    const { warn, drainMs = 10_000 } = this.#options
    try {
      await this.drain()
      await this.#keepHouse()
      if (this.#failures > 0) warn?.('the outcome store is back: what has waited is stored')
      this.#failures = 0
      this.#schedule(drainMs)
    } catch (error) {
      if (this.#failures === 0)
        warn?.(`outcomes wait on disk, the store can't be written: ${(error as Error).message}`)
      const delayMs = Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures)
      this.#failures++
      this.#schedule(delayMs * (0.5 + Math.random() / 2))
    }
  }

  // Now and then: what processes that are gone have left in their journals, and rows past their time.
  async #keepHouse(): Promise<void> {
    const nowMs = Date.now()
    if (nowMs - this.#keptHouseMs < HOUSEKEEPING_MS) return
    this.#keptHouseMs = nowMs
    const { store, journalRoot, retentionMs, warn } = this.#options
    await drainOrphans(journalRoot, store, warn)
    if (retentionMs === undefined) return
    // In steps, because a store in files writes one of them anew each time.
    const stepMs = Math.min(EXPIRY_STEP_MS, retentionMs / 24)
    await store.expire?.(stepMs * Math.floor((nowMs - retentionMs) / stepMs))
  }
}

function checkedLine(outcome: Outcome): string {
  const { runId, decision, reporter, trust, row } = outcome
  if (!RUN_ID.test(runId))
    throw new TypeError(`invalid runId: ${quote(runId)} (1 to 128 letters, digits and . _ : @ + -)`)
  if (!Number.isSafeInteger(decision) || decision < 0)
    throw new TypeError(`invalid decision: ${decision} (a whole number from 0)`)
  if (reporter.length > REPORTER_CHARACTERS)
    throw new TypeError(`invalid reporter: ${quote(reporter)} (at most ${REPORTER_CHARACTERS} characters)`)
  if (!(trust >= 0 && trust <= 1)) throw new TypeError(`invalid trust: ${trust} (0 to 1)`)
  checkRow(row)
  const line = outcomeLine(outcome)
  if (line.length <= MAX_LINE_BYTES) return line
  throw new TypeError(`invalid outcome: ${line.length} bytes (at most ${MAX_LINE_BYTES})`)
}
