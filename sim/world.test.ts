import { describe, expect, it } from 'vitest'
import type { SimConfig } from './config.ts'
import { SimConfigError } from './errors.ts'
import type { Fault } from './faults.ts'
import { measure } from './measure.ts'
import { OracleRanker } from './oracle-ranker.ts'
import { createWorld, randomPolicy, runWorld, smallConfig } from './world.testing.ts'

describe('a world', () => {
  it('gives every peer the whole content', () => {
    const { result } = runWorld(smallConfig())
    expect(result.peers).toHaveLength(20)
    expect(result.peers.every((peer) => peer.downloadedBytes === 8e6 && peer.chunks === 8)).toBe(true)
    expect(result.invariants.violations).toEqual([])
    expect(measure(result).bound_ratio).toBeGreaterThanOrEqual(1)
  })

  it('measures everything that it names', () => {
    const { result } = runWorld(smallConfig())
    const metrics = measure(result)
    for (const [name, value] of Object.entries(metrics)) expect(value, name).not.toBeNaN()
    expect(metrics.completed_share).toBe(1)
    expect(metrics.chunk_fetch_p50_ms).toBeLessThanOrEqual(metrics.chunk_fetch_p95_ms)
    expect(metrics.fetches).toBeGreaterThanOrEqual(160)
  })

  it('records one row for every fetch, and one for every answer of the tracker that names somebody', () => {
    const { result, rows } = runWorld(smallConfig())
    const fetches = rows.filter(({ place }) => place === 'peer')
    const counted = Object.values(result.results).reduce((sum, count) => sum + count, 0)
    expect(fetches).toHaveLength(counted)
    expect(fetches.filter((row) => row.result === 'ok')).toHaveLength(160)
    expect(rows.some(({ place }) => place === 'tracker')).toBe(true)
    const completed = new Set(
      fetches.filter((r) => r.result === 'ok').map((r) => `${r.requesterId} ${r.chunk}`),
    )
    expect(completed.size).toBe(160)
  })

  it('lives without an origin, without seeds, and with several contents', () => {
    for (const change of [
      { swarm: { origin: null } },
      { swarm: { initialSeeds: 0 } },
      { workload: { contents: 3 } },
    ] as const) {
      const { result } = runWorld(smallConfig(change))
      expect(measure(result).completed_share, JSON.stringify(change)).toBe(1)
    }
    const { result } = runWorld(smallConfig({ swarm: { initialSeeds: 0 } }))
    expect(measure(result).origin_share).toBeGreaterThan(0)
  })

  it('ends at its time limit and counts the fetches that it cuts off', () => {
    const { result, rows } = runWorld(smallConfig({ durationLimitS: 22 }))
    expect(result.simulatedMs).toBe(22_000)
    expect(measure(result).completed_share).toBeLessThan(1)
    expect(
      rows.filter((row) => row.result === 'cancelled' && row.decidedMs + row.durationMs === 22_000),
    ).not.toEqual([])
  })

  it('tells how far it is', () => {
    const seen: number[] = []
    const config = smallConfig()
    const world = createWorld(config)
    const result = world.run(({ simulatedMs, finished, peers }) => {
      expect(finished).toBeLessThanOrEqual(peers)
      seen.push(simulatedMs)
    })
    expect(seen.at(-1)).toBe(result.simulatedMs)
    expect(seen.toSorted((a, b) => a - b)).toEqual(seen)
  })

  it('refuses a config that it cannot run', () => {
    for (const change of [
      { durationLimitS: 0 },
      { swarm: { peers: 1.5 } },
      { swarm: { initialSeeds: 0, origin: null } },
      { regions: { atlantis: 1 } },
      { accessClasses: [] },
      { faults: [{ kind: 'slow', share: 2, target: 'all', divideBy: 2 }] },
      { network: { lossRate: 0.9 } },
    ])
      expect(() => createWorld(smallConfig(change as Partial<SimConfig>)), JSON.stringify(change)).toThrow(
        SimConfigError,
      )
    expect(() =>
      createWorld(smallConfig({ swarm: { ...smallConfig().swarm, initialSeedClass: 'x' } })),
    ).toThrow('invalid swarm.initialSeedClass: "x" (allowed null, slow, typical, fast, lte, 3g)')
  })
})

describe('determinism', () => {
  it('gives the same rows for the same config and seed, and others for another seed', () => {
    const config = smallConfig({ faults: everyFault(0.2), churn: restless })
    const first = runWorld(config)
    const second = runWorld(config)
    expect(second.rowsHash).toBe(first.rowsHash)
    expect(second.result).toEqual(first.result)
    expect(runWorld({ ...config, seed: 2 }).rowsHash).not.toBe(first.rowsHash)
  })

  it('does not depend on how often progress is told or whether checks run', () => {
    const config = smallConfig()
    const hashes = [
      config,
      { ...config, checks: { ...config.checks, level: 'cheap' as const } },
      { ...config, checks: { ...config.checks, everyS: 0.7 } },
    ].map((variant) => runWorld(variant).rowsHash)
    expect(new Set(hashes).size).toBe(1)
  })

  it('draws the same hosts, arrivals and faults under another policy, or with one more fault', () => {
    const config = smallConfig({ churn: restless, faults: everyFault(0.3) })
    const traits = (run: ReturnType<typeof runWorld>) =>
      run.result.peers
        .map(({ label, arrivedMs, region, accessClass }) => ({ label, arrivedMs, region, accessClass }))
        .sort((a, b) => (a.label < b.label ? -1 : 1))
    const plain = traits(runWorld({ ...config, faults: [] }))
    const oracle = runWorld(config, (_place, _label, random, oracle) => new OracleRanker(oracle, random))
    const greedy = runWorld(config, (place, label, random, oracle) => {
      random.next()
      return randomPolicy(place, label, random, oracle)
    })
    const few = (peers: typeof plain) => peers.filter((peer) => peer.arrivedMs < 15_000)
    expect(few(traits(oracle))).toEqual(few(plain))
    expect(few(traits(greedy))).toEqual(few(plain))
  })
})

describe('faults', () => {
  for (const fault of everyFault(0.3))
    it(`are survived: ${fault.kind}`, () => {
      const { result } = runWorld(smallConfig({ faults: [fault] }))
      const stayed = result.peers.filter(({ leftMs }) => Number.isNaN(leftMs))
      expect(stayed.length).toBeGreaterThan(5)
      expect(stayed.every(({ chunks }) => chunks === 8)).toBe(true)
      if (fault.kind === 'corrupt') expect(result.results.corrupt).toBeGreaterThan(0)
      if (fault.kind === 'crash') expect(stayed.length).toBeLessThan(20)
      if (fault.kind === 'free-rider')
        expect(result.peers.filter(({ uploadedBytes }) => uploadedBytes === 0).length).toBeGreaterThan(2)
    })

  it('are survived all at once, with churn', () => {
    const { result } = runWorld(smallConfig({ faults: everyFault(0.15), churn: restless }))
    const stayed = result.peers.filter(({ leftMs }) => Number.isNaN(leftMs))
    expect(stayed.every(({ chunks }) => chunks === 8)).toBe(true)
  })

  it('slow a swarm down', () => {
    const slow: Fault = { kind: 'slow', share: 1, target: 'all', divideBy: 8 }
    const config = smallConfig({ swarm: { ...smallConfig().swarm, origin: null } })
    const before = measure(runWorld(config).result).completion_mean_s
    expect(measure(runWorld({ ...config, faults: [slow] }).result).completion_mean_s).toBeGreaterThan(
      2 * before,
    )
  })
})

describe('the oracle', () => {
  it('beats random choice on common random numbers', () => {
    const config = smallConfig({
      workload: { contentBytes: 20e6 },
      swarm: { peers: 60, origin: null },
    })
    const oracle = runWorld(config, (_place, _label, random, oracle) => new OracleRanker(oracle, random))
    const random = runWorld(config)
    expect(measure(oracle.result).completion_mean_s).toBeLessThan(measure(random.result).completion_mean_s)
  })
})

const restless = {
  arrivals: { kind: 'poisson', meanGapS: 1 },
  sessions: { kind: 'weibull', shape: 0.59, scaleS: 120 },
  lingerS: 20,
  gracefulShare: 0.5,
} as const

function everyFault(share: number): Fault[] {
  return [
    { kind: 'crash', share, target: 'peers', meanAfterS: 10 },
    { kind: 'corrupt', share, target: 'all', chunkShare: 0.5 },
    { kind: 'free-rider', share, target: 'peers' },
    { kind: 'slow', share, target: 'all', divideBy: 10 },
    { kind: 'stall', share, target: 'all', meanEveryS: 5, meanForS: 20 },
  ]
}
