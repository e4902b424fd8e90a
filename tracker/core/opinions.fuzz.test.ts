import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Opinions } from './opinions.ts'

interface Opinion {
  readonly name: string
  trust: number
  heardMs: number
  success: number
  goodputBps: number
}

interface Told {
  readonly name: string
  readonly trust: number
  readonly isOk: boolean
  readonly goodputBps: number
}

const WEIGHT = 0.1
const MOST = 32

/** The same as said by the rules, an object an opinion. Trust is the caller's here: nobody is judged. */
function hearPlainly(opinions: Opinion[], { name, trust, isOk, goodputBps }: Told, nowMs: number): void {
  const success = Number(isOk)
  const known = opinions.find((one) => one.name === name)
  if (known) {
    Object.assign(known, {
      trust,
      heardMs: nowMs,
      success: known.success + WEIGHT * (success - known.success),
    })
    if (Number.isNaN(goodputBps)) return
    const mean = known.goodputBps
    known.goodputBps = Number.isNaN(mean) ? goodputBps : mean + WEIGHT * (goodputBps - mean)
    return
  }
  const opinion = { name, trust, heardMs: nowMs, success, goodputBps }
  if (opinions.length < MOST) return void opinions.push(opinion)
  const isStale = (one: Opinion): boolean => nowMs - one.heardMs > 600_000
  const least = Math.min(...opinions.map((one) => one.trust))
  const at = opinions.some(isStale)
    ? opinions.findIndex(isStale)
    : opinions.findIndex((one) => one.trust === least && least <= trust)
  if (at >= 0) opinions[at] = opinion
}

/** The goodput at which half of the trust is reached, the order kept where several are the same. */
function medianPlainly(opinions: readonly Opinion[]): number {
  const known = opinions.filter((one) => !Number.isNaN(one.goodputBps))
  known.sort((a, b) => a.goodputBps - b.goodputBps)
  const sum = known.reduce((trust, one) => trust + one.trust, 0)
  let below = 0
  return known.find((one) => (below += one.trust) >= sum / 2)?.goodputBps ?? NaN
}

const reports = fc.array(
  fc.record({
    number: fc.nat(60),
    isOk: fc.boolean(),
    // Few values, so that some are the same.
    bytes: fc.constantFrom(0, 1, 2, 3, 1e6, 2e6),
    durationMs: fc.constantFrom(0, 1, 1000, 3000),
    pauseMs: fc.constantFrom(0, 1000, 20_000),
    trust: fc.constantFrom(0.02, 0.3, 0.5, 1),
  }),
  { minLength: 1, maxLength: 400, size: 'max' },
)

it('keeps and sums up opinions as plain objects would, whatever the hashes of the reporters', () => {
  fc.assert(
    fc.property(reports, fc.constantFrom(1, 7, 2 ** 32 - 1), (told, hashes) => {
      const opinions = new Opinions()
      const plain: Opinion[] = []
      let nowMs = 0
      for (const [i, { number, isOk, bytes, durationMs, pauseMs, trust }] of told.entries()) {
        nowMs += pauseMs
        const name = `peer-${number}`
        const report = { seedId: 's', result: isOk ? 'ok' : 'timeout', bytes, durationMs } as const
        const trustAfter = opinions.hear({ name, hash: number % hashes }, trust, report, WEIGHT, nowMs)
        const goodputBps = isOk && durationMs > 0 ? (1000 * bytes) / durationMs : NaN
        hearPlainly(plain, { name, trust: trustAfter, isOk, goodputBps }, nowMs)
        // Of many opinions the sums are taken anew at every fourth report.
        if (plain.length > 8 && i % 4 !== 0) continue
        const trusts = plain.reduce((sum, one) => sum + one.trust, 0)
        const successes = plain.reduce((sum, one) => sum + one.trust * one.success, 0)
        expect(opinions.successShare).toBe(successes / trusts)
        expect(opinions.goodputBps).toBe(medianPlainly(plain))
      }
    }),
  )
})
