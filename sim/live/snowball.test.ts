import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { snowballMs } from './snowball.ts'

const upBps = fc.integer({ min: 100, max: 10_000 })

/** When peers get copies of 1,000 bytes that go to them in this order, nobody who has one being idle. */
function arrivals(sourceBps: number, order: readonly number[]): number[] {
  const holders = [{ copyMs: 1e6 / sourceBps, doneMs: 1e6 / sourceBps }]
  return order.map((bps) => {
    const next = holders.reduce((best, holder) => (holder.doneMs < best.doneMs ? holder : best))
    const atMs = next.doneMs
    next.doneMs += next.copyMs
    holders.push({ copyMs: 1e6 / bps, doneMs: atMs + 1e6 / bps })
    return atMs
  })
}

function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield []
  for (let i = 0; i < items.length; i++)
    for (const rest of permutations(items.toSpliced(i, 1))) yield [items[i], ...rest]
}

describe('the snow-ball bound', () => {
  it.each([1, 2, 3, 7, 8, 100, 1000])('takes ⌈log2(N + 1)⌉ copies among %i equal peers', (peers) => {
    const times = snowballMs(1000, [1000], new Array<number>(peers).fill(1000))
    expect(times.at(-1)).toBeCloseTo(1000 * Math.ceil(Math.log2(peers + 1)), 6)
    for (let k = 0; k < peers; k++) expect(times[k]).toBeCloseTo(1000 * Math.ceil(Math.log2(k + 2)), 6)
  })

  it('lets the fast ones help first', () => {
    // The source takes 1 s a copy; the peer with ten times as much serves everybody else by then.
    const times = snowballMs(1000, [1000], [100, 10_000, 100, 100])
    expect([...times].map((ms) => Math.round(ms))).toEqual([1000, 1100, 1200, 1300])
  })

  it('ends nowhere where nobody can send', () => {
    expect([...snowballMs(1000, [], [1000])]).toEqual([Infinity])
  })

  it('is not beaten where a slow peer had better come before a fast one', () => {
    // The slow one gets its copy after 0.5 s and the fast one after 1 s, and each hands one on after 2 s.
    const [sourceBps, fastBps, slowBps, others] = [2000, 1000, 1000 / 1.5, [10, 10, 10, 10]]
    const slowFirst = arrivals(sourceBps, [slowBps, fastBps, ...others])
    expect(slowFirst[5]).toBeCloseTo(2000, 6)
    expect(arrivals(sourceBps, [fastBps, slowBps, ...others])[5]).toBeCloseTo(2500, 6)
    expect(snowballMs(1000, [sourceBps], [fastBps, slowBps, ...others])[5]).toBeCloseTo(2000, 6)
  })

  it('is beaten by no schedule that hands whole copies on', () => {
    fc.assert(
      fc.property(
        fc.array(upBps, { minLength: 1, maxLength: 8 }),
        upBps,
        fc.array(fc.nat(), { minLength: 8 }),
        (peers, source, picks) => {
          const bound = snowballMs(1000, [source], peers)
          // Some schedule: whoever is picked sends to some peer that lacks the chunk, one copy at a time.
          const holders = [{ bps: source, freeMs: 0 }]
          const missing = peers.slice()
          const arrivals: number[] = []
          for (let i = 0; missing.length > 0; i++) {
            const holder = holders[picks[i % picks.length] % holders.length]
            const [to] = missing.splice(picks[(i * 7) % picks.length] % missing.length, 1)
            holder.freeMs += 1e6 / holder.bps
            arrivals.push(holder.freeMs)
            holders.push({ bps: to, freeMs: holder.freeMs })
          }
          arrivals
            .sort((a, b) => a - b)
            .forEach((ms, k) => expect(ms).toBeGreaterThanOrEqual(bound[k] - 1e-6))
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('is beaten by no order of peers, and is the best of them where up-links divide each other', () => {
    const peersOf = (bps: fc.Arbitrary<number>) => fc.array(bps, { minLength: 1, maxLength: 5 })
    const audience = fc.oneof(
      fc.record({ peers: peersOf(upBps), doDivide: fc.constant(false) }),
      fc.record({ peers: peersOf(fc.constantFrom(600, 1200, 3600, 7200)), doDivide: fc.constant(true) }),
    )
    fc.assert(
      fc.property(audience, upBps, ({ peers, doDivide }, source) => {
        const bound = snowballMs(1000, [source], peers)
        const best = new Array<number>(peers.length).fill(Infinity)
        for (const order of permutations(peers))
          arrivals(source, order).forEach((ms, k) => (best[k] = Math.min(best[k], ms)))
        best.forEach((ms, k) => {
          expect(ms).toBeGreaterThanOrEqual(bound[k] - 1e-6)
          if (doDivide) expect(ms).toBeCloseTo(bound[k], 6)
        })
      }),
      { numRuns: 500 },
    )
  })
})
