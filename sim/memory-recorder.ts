import type { Random } from '../peer/ports/random.ts'
import type { DecisionPlace } from '../peer/ports/ranker.ts'
import type { OutcomeRow, Recorder } from '../peer/ports/recorder.ts'

export interface MemoryRecorderOptions {
  /** Share of the decisions at each place that are recorded, 0 to 1. */
  readonly sampleRates: Readonly<Record<DecisionPlace, number>>
  /** Decides which; not drawn from where a share is 0 or 1. */
  readonly random: Random
}

/** Keeps outcome rows in memory, in the order in which they end. */
export class MemoryRecorder implements Recorder {
  readonly rows: OutcomeRow[] = []
  readonly #options: MemoryRecorderOptions

  constructor(options: MemoryRecorderOptions) {
    this.#options = options
  }

  wants(place: DecisionPlace): boolean {
    const rate = this.#options.sampleRates[place]
    return rate >= 1 || (rate > 0 && this.#options.random.next() < rate)
  }

  record(row: OutcomeRow): void {
    this.rows.push(row)
  }
}
