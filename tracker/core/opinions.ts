import type { FetchReport } from '../../peer/protocol/messages.ts'

/** Reporters whose opinion of one seed is kept. */
const MOST_OPINIONS = 32
/** Room is made for so many at first. */
const FEWEST_ROWS = 4
/** An opinion that was not renewed for so long makes room first. */
const STALE_MS = 600_000
/** Trust in somebody of whom nothing is known yet, and the least that anybody is left with. */
export const NEWCOMER_TRUST = 0.3
const LEAST_TRUST = 0.02
const TRUST_WEIGHT = 0.1
/** Who is judged by the others has to have so many others. */
const FEWEST_OTHERS = 3
/** The aggregates of many opinions are taken anew at every so many reports: one moves them little. */
const RENEW_EVERY = 4
const FEW_OPINIONS = 8
/** Requesters differ: their goodput from one seed does by less than this factor. */
const MOST_APART = 8

/** Columns of the table of opinions. The reporter's hash tells most others apart without a look at their names. */
const HASH = 0
const SUCCESS = 1
/** NaN where nothing went well yet. */
const GOODPUT_BPS = 2
const TRUST = 3
const HEARD_MS = 4
const COLUMNS = 5

/** Who reports, as one voice. */
export interface Reporter {
  readonly name: string
  /** Of the name. */
  readonly hash: number
}

/**
 * What others report of one seed: one opinion a reporter, however much it says, weighed by how far it agreed with the others so
 * far. Who is heard to be trusted is not pushed out by newcomers. So a coalition moves the mean success by no more than its
 * share of the trust, and the median goodput not beyond what honest reporters said while that share is under a half.
 */
export class Opinions {
  readonly #reporters: string[] = []
  #count = 0
  #reports = 0
  /** Rows that there is room for. */
  #rows = FEWEST_ROWS
  /** The two aggregates, then column by column the opinions: a report reads a few short stretches. */
  #figures = new Float64Array(2 + COLUMNS * FEWEST_ROWS).fill(NaN, 0, 2)

  /** Mean success, each reporter weighed by its trust; NaN where there is no opinion. */
  get successShare(): number {
    return this.#figures[0]
  }

  /** The goodput that half of the trust says is reached, bytes per second; NaN where nothing went well. */
  get goodputBps(): number {
    return this.#figures[1]
  }

  /** Takes a report; `weight`: of a new report in the reporter's own averages. Returns the trust in the reporter after it. */
  hear(reporter: Reporter, trust: number, report: FetchReport, weight: number, nowMs: number): number {
    const isOk = report.result === 'ok'
    const goodputBps = isOk && report.durationMs > 0 ? (1000 * report.bytes) / report.durationMs : NaN
    const row = this.#find(reporter)
    const trustAfter = this.#judge(row >= 0, trust, isOk, goodputBps)
    if (row < 0) this.#add(reporter, trustAfter, Number(isOk), goodputBps, nowMs)
    else this.#update(row, trustAfter, Number(isOk), goodputBps, weight, nowMs)
    this.#renew()
    return trustAfter
  }

  #find({ name, hash }: Reporter): number {
    const figures = this.#figures
    const hashes = this.#at(HASH)
    for (let i = 0; i < this.#count; i++)
      if (figures[hashes + i] === hash && this.#reporters[i] === name) return i
    return -1
  }

  /** Agreement with the others raises trust, disagreement lowers it. */
  #judge(isKnown: boolean, trust: number, isOk: boolean, goodputBps: number): number {
    if (this.#count - (isKnown ? 1 : 0) < FEWEST_OTHERS) return trust
    const isApart = Math.abs(Math.log(goodputBps / this.goodputBps)) > Math.log(MOST_APART)
    const agrees = isOk === this.successShare > 0.5 && !isApart
    return trust + TRUST_WEIGHT * ((agrees ? 1 : LEAST_TRUST) - trust)
  }

  #update(
    row: number,
    trust: number,
    success: number,
    goodputBps: number,
    weight: number,
    nowMs: number,
  ): void {
    const figures = this.#figures
    figures[this.#at(TRUST) + row] = trust
    figures[this.#at(HEARD_MS) + row] = nowMs
    const successAt = this.#at(SUCCESS) + row
    figures[successAt] += weight * (success - figures[successAt])
    if (Number.isNaN(goodputBps)) return
    const goodputAt = this.#at(GOODPUT_BPS) + row
    if (Number.isNaN(figures[goodputAt])) figures[goodputAt] = goodputBps
    else figures[goodputAt] += weight * (goodputBps - figures[goodputAt])
  }

  #renew(): void {
    const isDue = this.#count <= FEW_OPINIONS || this.#reports % RENEW_EVERY === 0
    this.#reports++
    if (!isDue) return
    const figures = this.#figures
    const successAt = this.#at(SUCCESS)
    const trustAt = this.#at(TRUST)
    let successSum = 0
    let trustSum = 0
    for (let i = 0; i < this.#count; i++) {
      successSum += figures[trustAt + i] * figures[successAt + i]
      trustSum += figures[trustAt + i]
    }
    figures[0] = successSum / trustSum
    figures[1] = medianOf(figures, this.#at(GOODPUT_BPS), trustAt, this.#count)
  }

  #add(reporter: Reporter, trust: number, success: number, goodputBps: number, nowMs: number): void {
    const row = this.#count < MOST_OPINIONS ? this.#count++ : this.#leastOf(trust, nowMs)
    if (row < 0) return
    if (row === this.#rows) this.#grow()
    const figures = this.#figures
    this.#reporters[row] = reporter.name
    figures[this.#at(HASH) + row] = reporter.hash
    figures[this.#at(SUCCESS) + row] = success
    figures[this.#at(GOODPUT_BPS) + row] = goodputBps
    figures[this.#at(TRUST) + row] = trust
    figures[this.#at(HEARD_MS) + row] = nowMs
  }

  /** The opinion that makes room for one that is trusted so far; -1 where none does. */
  #leastOf(trust: number, nowMs: number): number {
    const figures = this.#figures
    const trustAt = this.#at(TRUST)
    const heardAt = this.#at(HEARD_MS)
    let least = -1
    for (let i = 0; i < this.#count; i++) {
      if (nowMs - figures[heardAt + i] > STALE_MS) return i
      const one = figures[trustAt + i]
      if (one <= trust && (least < 0 || one < figures[trustAt + least])) least = i
    }
    return least
  }

  #grow(): void {
    const [rows, figures] = [this.#rows, this.#figures]
    this.#rows = Math.min(2 * rows, MOST_OPINIONS)
    this.#figures = new Float64Array(2 + COLUMNS * this.#rows)
    this.#figures.set(figures.subarray(0, 2))
    for (let column = 0; column < COLUMNS; column++)
      this.#figures.set(figures.subarray(2 + column * rows, 2 + (column + 1) * rows), this.#at(column))
  }

  #at(column: number): number {
    return 2 + column * this.#rows
  }
}

const rankedBps = new Float64Array(MOST_OPINIONS)
const rankedTrust = new Float64Array(MOST_OPINIONS)

/** The median of the figures from `goodputAt` on, weighed by those from `trustAt` on. */
function medianOf(figures: Float64Array, goodputAt: number, trustAt: number, count: number): number {
  let known = 0
  for (let i = 0; i < count; i++) {
    const goodputBps = figures[goodputAt + i]
    if (Number.isNaN(goodputBps)) continue
    // So few are in order soonest by insertion, and nothing has to be allocated.
    let at = known++
    for (; at > 0 && rankedBps[at - 1] > goodputBps; at--) {
      rankedBps[at] = rankedBps[at - 1]
      rankedTrust[at] = rankedTrust[at - 1]
    }
    rankedBps[at] = goodputBps
    rankedTrust[at] = figures[trustAt + i]
  }
  let sum = 0
  for (let i = 0; i < known; i++) sum += rankedTrust[i]
  let below = 0
  for (let i = 0; i < known; i++) {
    below += rankedTrust[i]
    if (below >= sum / 2) return rankedBps[i]
  }
  return NaN
}
