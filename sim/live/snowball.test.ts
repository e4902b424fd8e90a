import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { snowballMs } from './snowball.ts'

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

  it('is beaten by no schedule that hands whole copies on', () => {
    const upBps = fc.integer({ min: 100, max: 10_000 })
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
            .forEach((ms, k) => expect(ms).toBeGreaterThanOrEqual(0.99 * bound[k] - 1e-6))
        },
      ),
    )
  })
})
