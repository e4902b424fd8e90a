import { power } from '../../peer/protocol/powers.ts'
import { type MemberTable, VALUE } from './member-table.ts'

/** After so long the rate of downloads has forgotten half of what it was, as the rates of members have. */
const HALF_LIFE_MS = 120_000
/** Books are read when so many announces have come, or as many as there are members. */
const FEWEST_ANNOUNCES = 16
/** Uploads may be more than the downloads that are known by this much: announces come one after the other. */
const SLACK = 1.25

/**
 * The books of a swarm: what members say that they sent, others must have got. Where more was sent than got, somebody
 * lies; nobody can tell who, but the largest figures are the likeliest to be wrong. Those above the level at which the books
 * would balance say nothing then: a liar is one of whom nothing is known, and not one of the fastest.
 */
export class UploadCredit {
  /** Most that is believed of one member's uploads, bytes per second; Infinity while the books balance. */
  creditBps = Infinity
  /** Bytes that members have got, those of long ago forgotten, and the time that they took. */
  #gotBytes = 0
  #gotMs = 0
  #lastMs = NaN
  #due = FEWEST_ANNOUNCES

  /** Takes what a member got since its last announce. */
  got(bytes: number, nowMs: number, table: MemberTable): void {
    if (Number.isNaN(this.#lastMs)) this.#lastMs = nowMs
    const kept = power(2, -(nowMs - this.#lastMs) / HALF_LIFE_MS)
    this.#gotBytes = this.#gotBytes * kept + bytes
    this.#gotMs = this.#gotMs * kept + (nowMs - this.#lastMs)
    this.#lastMs = nowMs
    if (--this.#due > 0) return
    this.#due = Math.max(FEWEST_ANNOUNCES, table.ids.length)
    this.creditBps =
      this.#gotMs > 0 ? levelOf(table, (1000 * SLACK * this.#gotBytes) / this.#gotMs) : Infinity
    if (this.creditBps < Infinity) cutPeaks(table, this.creditBps)
  }
}

/** A lie that was told once must not be remembered as a peak when the books balance again. */
function cutPeaks(table: MemberTable, creditBps: number): void {
  for (let row = 0; row < table.ids.length; row++) {
    const at = table.valuesAt(row) + VALUE.uploadPeakBps
    if (table.values[at] > creditBps) table.values[at] = creditBps
  }
}

/** The level at which what is cut off above it leaves `boundBps` in all; Infinity where nothing has to be. */
function levelOf(table: MemberTable, boundBps: number): number {
  const claims: number[] = []
  let sum = 0
  for (let row = 0; row < table.ids.length; row++) {
    const claim = table.values[table.valuesAt(row) + VALUE.uploadMeanBps]
    if (!(claim > 0)) continue
    claims.push(claim)
    sum += claim
  }
  if (sum <= boundBps) return Infinity
  claims.sort((a, b) => a - b)
  let left = boundBps
  for (const [i, claim] of claims.entries()) {
    const share = left / (claims.length - i)
    if (claim >= share) return share
    left -= claim
  }
  return Infinity
}
