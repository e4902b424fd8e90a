import { describe, expect, it } from 'vitest'
import { SimConfigError } from '../errors.ts'
import { createWorld, runWorld } from '../world.testing.ts'
import { smallAudience } from './music.testing.ts'

const cold = { cache: { historyDays: 0 } }

describe('an audience', () => {
  it('hears what it asks for, from its caches, from each other and from the server', () => {
    const { result } = runWorld(smallAudience({ cache: { historyDays: 0.2 } }))
    const { metrics, samples } = result.measures
    expect(metrics.plays).toBeGreaterThan(80)
    expect(metrics.server_share + metrics.peer_share + metrics.cache_share).toBeCloseTo(1, 12)
    for (const name of ['server_share', 'peer_share', 'cache_share'])
      expect(metrics[name], name).toBeGreaterThan(0.01)
    expect(metrics.given_up_share).toBe(0)
    expect(samples.start_latency_ms.every((ms) => ms > 0)).toBe(true)
    expect(metrics.start_latency_p50_ms).toBeLessThanOrEqual(metrics.start_latency_p90_ms)
    expect(result.invariants.violations).toEqual([])
  })

  it('fetches ahead what it is going to hear, which spares it waits', () => {
    const on = runWorld(smallAudience(cold)).result.measures.metrics
    const off = runWorld(smallAudience({ ...cold, prefetch: { enabled: false } })).result.measures.metrics
    expect(on.prefetched_play_share).toBeGreaterThan(0.1)
    expect(off.prefetched_play_share).toBe(0)
    expect(on.start_latency_p50_ms).toBeLessThan(off.start_latency_p50_ms)
  })

  it('comes back with its caches', () => {
    const restless = { sessionsPerDay: 200, medianS: 240, sigma: 0.2 }
    const { result } = runWorld(smallAudience({ ...cold, attendance: restless, catalogue: { tracks: 12 } }))
    const { metrics } = result.measures
    expect(result.peers.length).toBeGreaterThan(40)
    expect(metrics.cached_play_share).toBeGreaterThan(0.15)
    const { metrics: forgetful } = runWorld(
      smallAudience({
        attendance: restless,
        catalogue: { tracks: 12 },
        cache: { historyDays: 0, leastBytes: 0, mostBytes: 2_500_000 },
      }),
    ).result.measures
    expect(forgetful.cache_share).toBeLessThan(metrics.cache_share)
  })

  it('survives crashes, free-riders and polluters with the server behind it', () => {
    const { result } = runWorld(
      smallAudience(cold, {
        faults: [
          { kind: 'crash', share: 0.3, target: 'peers', meanAfterS: 300 },
          { kind: 'corrupt', share: 0.2, target: 'peers', chunkShare: 0.5 },
          { kind: 'free-rider', share: 0.2, target: 'peers' },
        ],
      }),
    )
    expect(result.measures.metrics.given_up_share).toBe(0)
    expect(result.results.corrupt).toBeGreaterThan(0)
  })

  it('gives up a track that nobody sends', () => {
    const world = smallAudience({ ...cold, taste: { patienceS: 20 } })
    const { metrics } = runWorld({
      ...world,
      durationLimitS: 900,
      swarm: {
        ...world.swarm,
        origin: { ...world.swarm.origin!, settings: { uploadSlots: 0, uploadQueue: 0 } },
      },
    }).result.measures
    expect(metrics.given_up_share).toBeGreaterThan(0.9)
    expect(metrics.start_latency_p50_ms).toBeNaN()
  })

  it('gives the same rows for the same config and seed, and others for another seed', () => {
    const config = smallAudience(cold, { durationLimitS: 900 })
    const first = runWorld(config)
    const second = runWorld(config)
    expect(second.rowsHash).toBe(first.rowsHash)
    expect(second.result).toEqual(first.result)
    expect(runWorld({ ...config, seed: 2 }).rowsHash).not.toBe(first.rowsHash)
  })

  it('tells how much time a chunk had left', () => {
    const { rows } = runWorld(smallAudience(cold, { durationLimitS: 600 }))
    const slackMs = rows.filter(({ result }) => result === 'ok').map(({ deadlineSlackMs }) => deadlineSlackMs)
    expect(slackMs.filter((ms) => ms > 0).length).toBeGreaterThan(slackMs.length / 2)
  })
})

it('refuses what it cannot simulate', () => {
  const bad: [Parameters<typeof smallAudience>[0], string][] = [
    [{ catalogue: { tracks: 0 } }, 'workload.catalogue.tracks'],
    [{ catalogue: { playsShare: 0.1 } }, 'workload.catalogue.playsShare'],
    [{ attendance: { hours: [1] } }, 'workload.attendance.hours'],
    [{ taste: { randomShare: 2 } }, 'workload.taste.randomShare'],
  ]
  for (const [change, path] of bad) expect(() => createWorld(smallAudience(change))).toThrow(path)
  const world = smallAudience()
  expect(() => createWorld({ ...world, swarm: { ...world.swarm, origin: null } })).toThrow(SimConfigError)
})
