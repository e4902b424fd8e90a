import { uncountedBuffer } from './uncounted-buffer.ts'

/** Places of a known peer's figures in its record; times first unknown are NaN, those before which something waits -Infinity. */
export const FIGURE = {
  joinedMs: 0,
  reportedGoodputBps: 1,
  reportedSuccess: 2,
  loadAtMs: 3,
  goodputBps: 4,
  ttfbMs: 5,
  silentMs: 6,
  backoffUntilMs: 7,
  connectMs: 8,
  nextDialMs: 9,
} as const
const FIGURES = 10

/** Places of its counts, which float32 holds without loss, from the beginning of the record on in their own width. */
export const COUNT = {
  uploadSlots: 20,
  timeoutsInRow: 21,
  refusalsInRow: 22,
  okCount: 23,
  failedCount: 24,
  busyCount: 25,
  corruptCount: 26,
  trackerRank: 27,
  completeness: 28,
  uploadBps: 29,
  active: 30,
  queued: 31,
} as const
const COUNTS = 12

const RECORD = FIGURES + COUNTS / 2
const MOST_RECORDS = 64

/** As many records as a page may have, of peers of which nothing is known. */
const BLANK = new Float64Array(MOST_RECORDS * RECORD)
const blankCounts = new Float32Array(BLANK.buffer)
for (let at = 0; at < BLANK.length; at += RECORD) {
  BLANK.fill(NaN, at, at + FIGURES)
  BLANK[at + FIGURE.silentMs] = -Infinity
  BLANK[at + FIGURE.backoffUntilMs] = -Infinity
  BLANK[at + FIGURE.nextDialMs] = -Infinity
  blankCounts[2 * at + COUNT.trackerRank] = -1
  blankCounts.fill(NaN, 2 * at + COUNT.completeness, 2 * at + COUNT.queued + 1)
}

/**
 * Records of known peers side by side: a large swarm knows millions of peers, and each number of an object's own is an object.
 * A page goes when the last of its peers has been forgotten.
 */
export class KnownPage {
  readonly figures: Float64Array
  readonly counts: Float32Array
  #used = 0

  /** `records`: how many it has room for, as far as a page may have so many. */
  constructor(records: number) {
    const blank = BLANK.subarray(0, records * RECORD)
    this.figures = new Float64Array(uncountedBuffer(blank.byteLength))
    this.figures.set(blank)
    this.counts = new Float32Array(this.figures.buffer)
  }

  get isFull(): boolean {
    return this.#used === this.figures.length
  }

  /** The next blank record: where its figures begin, and its counts at twice that. */
  take(): number {
    const at = this.#used
    this.#used += RECORD
    return at
  }
}
