import type { DecisionPlace } from '../peer/ports/ranker.ts'
import type { OutcomeRow, Recorder } from '../peer/ports/recorder.ts'
import type { Random } from '../peer/ports/random.ts'
import type { RecordingConfig } from '../sim/config.ts'
import type { OutcomeWriter } from './outcome-store.ts'

/** Sends a simulation's outcome rows, or a random share of them, to a writer. */
export class RunRecorder implements Recorder {
  readonly #writer: OutcomeWriter
  readonly #rates: Readonly<Record<DecisionPlace, number>>
  readonly #random: Random

  constructor(writer: OutcomeWriter, { sampleRate, trackerSampleRate }: RecordingConfig, random: Random) {
    this.#writer = writer
    this.#rates = { peer: sampleRate, tracker: trackerSampleRate }
    this.#random = random
  }

  wants(place: DecisionPlace): boolean {
    const rate = this.#rates[place]
    return rate >= 1 || (rate > 0 && this.#random.next() < rate)
  }

  record(row: OutcomeRow): void {
    this.#writer.add(row)
  }
}
