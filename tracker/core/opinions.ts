import type { FetchReport } from '../../peer/protocol/messages.ts'

/** Reporters whose opinion of one seed is kept. */
const MOST_OPINIONS = 32
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

interface Opinion {
  readonly reporter: string
  trust: number
  heardMs: number
  success: number
  /** NaN where nothing went well yet. */
  goodputBps: number
}

/**
 * What others report of one seed: one opinion a reporter, however much it says, weighed by how far it agreed with the others so
 * far. Who is heard to be trusted is not pushed out by newcomers. So a coalition moves the mean success by no more than its
 * share of the trust, and the median goodput not beyond what honest reporters said while that share is under a half.
 */
export class Opinions {
  readonly #opinions: Opinion[] = []
  /** Mean success, each reporter weighed by its trust; NaN where there is no opinion. */
  successShare = NaN
  /** The goodput that half of the trust says is reached, bytes per second; NaN where nothing went well. */
  goodputBps = NaN
  #reports = 0

  /** Takes a report; `weight`: of a new report in the reporter's own averages. Returns the trust in the reporter after it. */
  hear(reporter: string, trust: number, report: FetchReport, weight: number, nowMs: number): number {
    const isOk = report.result === 'ok'
    const goodputBps = isOk && report.durationMs > 0 ? (1000 * report.bytes) / report.durationMs : NaN
    const opinion = this.#opinions.find((one) => one.reporter === reporter)
    const trustAfter = this.#judge(opinion, trust, isOk, goodputBps)
    if (opinion) {
      opinion.trust = trustAfter
      opinion.heardMs = nowMs
      opinion.success += weight * (Number(isOk) - opinion.success)
      if (!Number.isNaN(goodputBps))
        opinion.goodputBps = Number.isNaN(opinion.goodputBps)
          ? goodputBps
          : opinion.goodputBps + weight * (goodputBps - opinion.goodputBps)
    } else
      this.#add({ reporter, trust: trustAfter, heardMs: nowMs, success: Number(isOk), goodputBps }, nowMs)
    this.#renew()
    return trustAfter
  }

  /** Agreement with the others raises trust, disagreement lowers it. */
  #judge(opinion: Opinion | undefined, trust: number, isOk: boolean, goodputBps: number): number {
    if (this.#opinions.length - (opinion ? 1 : 0) < FEWEST_OTHERS) return trust
    const isApart = Math.abs(Math.log(goodputBps / this.goodputBps)) > Math.log(MOST_APART)
    const agrees = isOk === this.successShare > 0.5 && !isApart
    return trust + TRUST_WEIGHT * ((agrees ? 1 : LEAST_TRUST) - trust)
  }

  #renew(): void {
    const isDue = this.#opinions.length <= FEW_OPINIONS || this.#reports % RENEW_EVERY === 0
    this.#reports++
    if (!isDue) return
    let sum = 0
    let trust = 0
    for (const opinion of this.#opinions) {
      sum += opinion.trust * opinion.success
      trust += opinion.trust
    }
    this.successShare = sum / trust
    this.goodputBps = medianOf(this.#opinions)
  }

  #add(opinion: Opinion, nowMs: number): void {
    if (this.#opinions.length < MOST_OPINIONS) return void this.#opinions.push(opinion)
    let least = -1
    for (let i = 0; i < this.#opinions.length; i++) {
      const one = this.#opinions[i]
      if (nowMs - one.heardMs > STALE_MS) {
        least = i
        break
      }
      if (one.trust <= opinion.trust && (least < 0 || one.trust < this.#opinions[least].trust)) least = i
    }
    if (least >= 0) this.#opinions[least] = opinion
  }
}

const ranked: Opinion[] = []

function medianOf(opinions: readonly Opinion[]): number {
  let known = 0
  let sum = 0
  for (const opinion of opinions) {
    if (Number.isNaN(opinion.goodputBps)) continue
    // So few are in order soonest by insertion, and nothing has to be allocated.
    let at = known++
    for (; at > 0 && ranked[at - 1].goodputBps > opinion.goodputBps; at--) ranked[at] = ranked[at - 1]
    ranked[at] = opinion
  }
  for (let i = 0; i < known; i++) sum += ranked[i].trust
  let below = 0
  for (let i = 0; i < known; i++) {
    below += ranked[i].trust
    if (below >= sum / 2) return ranked[i].goodputBps
  }
  return NaN
}
