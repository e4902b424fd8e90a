import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { type Churn, MEASURED_SESSIONS, drawLifetimes } from './churn.ts'
import { NO_FAULTS, type Fault, drawFaults } from './faults.ts'

const base: Churn = {
  arrivals: { kind: 'flash', windowS: 60 },
  sessions: { kind: 'unlimited' },
  lingerS: null,
  gracefulShare: 0.8,
}
const draw = (churn: Partial<Churn>, count = 20_000) =>
  drawLifetimes({ ...base, ...churn }, count, new SeededRandom('churn'))
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('drawLifetimes', () => {
  it('spreads a flash crowd over its window', () => {
    const arrivals = draw({}).map(({ arrivalMs }) => arrivalMs)
    expect(Math.min(...arrivals)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...arrivals)).toBeLessThan(60_000)
    expect(mean(arrivals) / 30_000).toBeCloseTo(1, 1)
  })

  it('lets Poisson arrivals come one by one with the mean gap', () => {
    const arrivals = draw({ arrivals: { kind: 'poisson', meanGapS: 2 } }).map(({ arrivalMs }) => arrivalMs)
    expect(arrivals.toSorted((a, b) => a - b)).toEqual(arrivals)
    expect(arrivals.at(-1)! / arrivals.length / 2000).toBeCloseTo(1, 1)
  })

  it('draws Weibull sessions with the median scale · (ln 2)^(1/shape)', () => {
    for (const sessions of MEASURED_SESSIONS) {
      const lengths = draw({ sessions }).map(({ sessionMs }) => sessionMs)
      const median = lengths.sort((a, b) => a - b)[10_000]
      const expectedMs = 1000 * sessions.scaleS * Math.LN2 ** (1 / sessions.shape)
      expect(Math.abs(median / expectedMs - 1)).toBeLessThan(0.08)
    }
  })

  it('lingers for the mean time, or for ever, and leaves with the share of goodbyes', () => {
    const some = draw({ lingerS: 30 })
    expect(mean(some.map(({ lingerMs }) => lingerMs)) / 30_000).toBeCloseTo(1, 1)
    expect(mean(some.map(({ isGraceful }) => Number(isGraceful)))).toBeCloseTo(0.8, 1)
    expect(draw({ lingerS: 0 }, 5).every(({ lingerMs }) => lingerMs === 0)).toBe(true)
    expect(
      draw({}, 5).every(({ lingerMs, sessionMs }) => lingerMs === Infinity && sessionMs === Infinity),
    ).toBe(true)
  })

  it('gives a peer the same life whatever the others’ number', () => {
    expect(draw({}, 10)).toEqual(draw({}, 100).slice(0, 10))
  })
})

describe('drawFaults', () => {
  const slow: Fault = { kind: 'slow', share: 0.3, target: 'peers', divideBy: 4 }
  const crash: Fault = { kind: 'crash', share: 0.5, target: 'all', meanAfterS: 100 }
  const strikes = (faults: Fault[], role: 'peer' | 'seed') =>
    Array.from({ length: 4000 }, (_, i) => drawFaults(faults, role, 'eu-west', new SeededRandom(`node-${i}`)))

  it('strikes the share of its targets', () => {
    const peers = strikes([slow, crash], 'peer')
    expect(mean(peers.map(({ upShare }) => Number(upShare === 0.25)))).toBeCloseTo(0.3, 1)
    expect(mean(peers.map(({ crashAfterMs }) => Number(crashAfterMs < Infinity)))).toBeCloseTo(0.5, 1)
    expect(strikes([slow], 'seed').every((faults) => faults === NO_FAULTS)).toBe(true)
  })

  it('draws each fault on its own', () => {
    const alone = strikes([slow], 'peer').map(({ upShare }) => upShare)
    expect(strikes([slow, crash], 'peer').map(({ upShare }) => upShare)).toEqual(alone)
  })
})
