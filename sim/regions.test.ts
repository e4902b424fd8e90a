import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { requireSystem } from '../tools/testing/system.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import { pathRtt } from './path-rtt.ts'
import { REGIONS, REGION_RTT_MS } from './region-rtt.ts'
import { DEFAULT_REGION_WEIGHTS, rttEstimateMs, rttQuantileMs } from './regions.ts'
import { SimHost } from './sim-host.ts'
import { hash32 } from './hash.ts'

const host = (address: string, region: string) =>
  new SimHost({ address, region, upBps: 1, downBps: 1, lastMileMs: 0 }, 0, 1, hash32(address))

describe('region round-trip times', () => {
  it('are those that were derived from the measurements', (context) => {
    const path = requireSystem('region-rtt', context)
    const { rttMs } = JSON.parse(readFileSync(path, 'utf8')) as {
      rttMs: Record<string, { p10: number; p50: number; p90: number }>
    }
    const table = REGION_RTT_MS.map(([from, to, ...quantiles]) => [`${from}|${to}`, quantiles])
    const measured = Object.entries(rttMs).map(([pair, { p10, p50, p90 }]) => [pair, [p10, p50, p90]])
    expect(Object.fromEntries(measured)).toMatchObject(Object.fromEntries(table))
  })

  it('cover every pair of regions once', () => {
    expect(REGION_RTT_MS).toHaveLength((REGIONS.length * (REGIONS.length + 1)) / 2)
    for (const a of REGIONS) for (const b of REGIONS) expect(rttEstimateMs(a, b)).toBe(rttEstimateMs(b, a))
    expect(rttEstimateMs('eu-west', 'na-east')).toBe(116)
    expect(rttEstimateMs('eu-west', 'atlantis')).toBeNaN()
  })

  it('meet p10, p50 and p90 and rise in between', () => {
    for (const [a, b, p10, p50, p90] of REGION_RTT_MS) {
      expect(rttQuantileMs(a, b, 0.1) / p10).toBeCloseTo(1, 2)
      expect(rttQuantileMs(b, a, 0.5) / p50).toBeCloseTo(1, 2)
      expect(rttQuantileMs(a, b, 0.9) / p90).toBeCloseTo(1, 2)
      const values = [0, 0.001, 0.05, 0.3, 0.6, 0.95, 0.999, 1].map((q) => rttQuantileMs(a, b, q))
      expect(values.toSorted((x, y) => x - y)).toEqual(values)
    }
  })

  it('weigh every region', () => {
    expect(Object.keys(DEFAULT_REGION_WEIGHTS).sort()).toEqual([...REGIONS].sort())
    const sum = Object.values(DEFAULT_REGION_WEIGHTS).reduce((total, weight) => total + weight, 0)
    expect(sum).toBeCloseTo(1, 9)
  })
})

describe('pathRtt', () => {
  it('gives a pair one value, whoever asks, spread as the regions say', () => {
    const rttMs = pathRtt(NETWORK_DEFAULTS)
    const a = host('a', 'eu-west')
    const others = Array.from({ length: 4000 }, (_, i) => host(`b${i}`, 'na-east'))
    for (const other of others.slice(0, 50)) expect(rttMs(a, other)).toBe(rttMs(other, a))
    const values = others.map((other) => rttMs(a, other)).sort((x, y) => x - y)
    for (const [level, expected] of [
      [0.1, 87.9],
      [0.5, 116],
      [0.9, 152.9],
    ])
      expect(Math.abs(values[level * 4000] / expected - 1)).toBeLessThan(0.05)
    expect(pathRtt({ rtt: { kind: 'constant', ms: 40 }, isps: [] })(a, others[0])).toBe(40)
  })
})
