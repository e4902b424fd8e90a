import type { DecisionPlace } from '../peer/ports/ranker.ts'
import type { OutcomeRow, Recorder } from '../peer/ports/recorder.ts'
import type { Random } from '../peer/ports/random.ts'
import type { RecordingConfig } from '../sim/config.ts'

/** Where outcome rows go. */
export interface OutcomeRows {
  add(row: OutcomeRow): void
}

/** Sends a simulation's outcome rows, or a random share of them, to a writer. */
export class RunRecorder implements Recorder {
  readonly #rows: OutcomeRows
  readonly #rates: Readonly<Record<DecisionPlace, number>>
  readonly #random: Random

  constructor(rows: OutcomeRows, { sampleRate, trackerSampleRate }: RecordingConfig, random: Random) {
    this.#rows = rows
    this.#rates = { peer: sampleRate, tracker: trackerSampleRate }
    this.#random = random
  }

  wants(place: DecisionPlace): boolean {
    const rate = this.#rates[place]
    return rate >= 1 || (rate > 0 && this.#random.next() < rate)
  }

  record(row: OutcomeRow): void {
    this.#rows.add(row)
  }
}
