import type { FetchReport } from '../../peer/protocol/messages.ts'

/** Reporters whose opinion of one seed is kept. */
const MOST_OPINIONS = 32
/** Room is made for so many at first, and for all when there are more. */
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

// Where the figures of a seed lie: the two aggregates, the hashes of the reporters, which tell most apart without a look at
// their names, and what each has said.
const SUCCESS_SHARE = 0
const MEDIAN_BPS = 1
const HASHES = 2
const ROWS = HASHES + MOST_OPINIONS

/** Places of an opinion's figures in its row. */
const SUCCESS = 0
/** NaN where nothing went well yet. */
const GOODPUT_BPS = 1
const TRUST = 2
const HEARD_MS = 3
const ROW = 4

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
  #figures = new Float64Array(ROWS + ROW * FEWEST_ROWS).fill(NaN, 0, HASHES)

  /** Mean success, each reporter weighed by its trust; NaN where there is no opinion. */
  get successShare(): number {
    return this.#figures[SUCCESS_SHARE]
  }

  /** The goodput that half of the trust says is reached, bytes per second; NaN where nothing went well. */
  get goodputBps(): number {
    return this.#figures[MEDIAN_BPS]
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
    for (let i = 0; i < this.#count; i++)
      if (figures[HASHES + i] === hash && this.#reporters[i] === name) return i
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
    const at = ROWS + ROW * row
    figures[at + TRUST] = trust
    figures[at + HEARD_MS] = nowMs
    figures[at + SUCCESS] += weight * (success - figures[at + SUCCESS])
    if (Number.isNaN(goodputBps)) return
    const meanBps = figures[at + GOODPUT_BPS]
    figures[at + GOODPUT_BPS] = Number.isNaN(meanBps) ? goodputBps : meanBps + weight * (goodputBps - meanBps)
  }

  #renew(): void {
    const isDue = this.#count <= FEW_OPINIONS || this.#reports % RENEW_EVERY === 0
    this.#reports++
    if (!isDue) return
    const figures = this.#figures
    const end = ROWS + ROW * this.#count
    let success = 0
    let trust = 0
    for (let at = ROWS; at < end; at += ROW) {
      success += figures[at + TRUST] * figures[at + SUCCESS]
      trust += figures[at + TRUST]
    }
    figures[SUCCESS_SHARE] = success / trust
    figures[MEDIAN_BPS] = medianOf(figures, end)
  }

  #add(reporter: Reporter, trust: number, success: number, goodputBps: number, nowMs: number): void {
    const row = this.#count < MOST_OPINIONS ? this.#count++ : this.#leastOf(trust, nowMs)
    if (row < 0) return
    const at = ROWS + ROW * row
    if (at === this.#figures.length) this.#grow()
    const figures = this.#figures
    this.#reporters[row] = reporter.name
    figures[HASHES + row] = reporter.hash
    figures[at + SUCCESS] = success
    figures[at + GOODPUT_BPS] = goodputBps
    figures[at + TRUST] = trust
    figures[at + HEARD_MS] = nowMs
  }

  /** The opinion that makes room for one that is trusted so far; -1 where none does. */
  #leastOf(trust: number, nowMs: number): number {
    const figures = this.#figures
    let least = -1
    let leastTrust = Infinity
    for (let i = 0; i < this.#count; i++) {
      const at = ROWS + ROW * i
      if (nowMs - figures[at + HEARD_MS] > STALE_MS) return i
      if (figures[at + TRUST] > trust || figures[at + TRUST] >= leastTrust) continue
      least = i
      leastTrust = figures[at + TRUST]
    }
    return least
  }

  #grow(): void {
    const figures = this.#figures
    this.#figures = new Float64Array(ROWS + ROW * MOST_OPINIONS)
    this.#figures.set(figures)
  }
}

const rankedBps = new Float64Array(MOST_OPINIONS)
const rankedTrust = new Float64Array(MOST_OPINIONS)

/** The median of the goodputs in the rows before `end`, weighed by trust; NaN where none is known. */
function medianOf(figures: Float64Array, end: number): number {
  let known = 0
  for (let row = ROWS; row < end; row += ROW) {
    const goodputBps = figures[row + GOODPUT_BPS]
    if (Number.isNaN(goodputBps)) continue
    // So few are in order soonest by insertion, and nothing has to be allocated.
    let at = known++
    for (; at > 0 && rankedBps[at - 1] > goodputBps; at--) {
      rankedBps[at] = rankedBps[at - 1]
      rankedTrust[at] = rankedTrust[at - 1]
    }
    rankedBps[at] = goodputBps
    rankedTrust[at] = figures[row + TRUST]
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
