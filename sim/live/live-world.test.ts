import { describe, expect, it } from 'vitest'
import { CHUNK_CHOICES } from '../../peer/core/live-options.ts'
import { SimConfigError } from '../errors.ts'
import { createWorld } from '../world.testing.ts'
import { liveConfig, runLive } from './live.testing.ts'

/** Six seconds, once everybody plays. */
const WHILE = { atS: 12, forS: 6 } as const
const QUIET = { recording: { sampleRate: 0, trackerSampleRate: 0 } }

describe('a live stream', () => {
  it('reaches every viewer without a gap where there is enough to give', () => {
    const { result, metrics } = runLive()
    expect(result.invariants.violations).toEqual([])
    expect(metrics).toMatchObject({
      started_share: 1,
      continuity_mean: 1,
      skipped_share: 0,
      failure_share: 0,
    })
    expect(metrics.delay_p50_s).toBeGreaterThan(3)
    expect(metrics.delay_p95_s).toBeLessThan(8)
    expect(metrics.origin_share).toBeLessThan(0.6)
    expect(metrics.diffusion_ratio).toBeGreaterThan(1)
    for (const { chunks } of result.peers) expect(chunks).toBeLessThan(122)
    expect(result.measures.samples.delay_ms).toHaveLength(20)
    expect(result.measures.samples.startup_ms).toHaveLength(20)
    expect(result.measures.samples.diffusion_ms.length).toBeGreaterThan(2_000)
  })

  it('measures everything that it names', () => {
    const { metrics } = runLive({ live: { standbys: 1, sourceFailsAtS: 10 }, rest: QUIET })
    for (const [name, value] of Object.entries(metrics)) expect(value, name).not.toBeNaN()
  })

  it('is the same every time, and another with another seed', () => {
    const [a, b] = [runLive(), runLive()]
    expect(a.rowsHash).toBe(b.rowsHash)
    expect(a.result).toEqual(b.result)
    expect(runLive({ rest: { seed: 2 } }).rowsHash).not.toBe(a.rowsHash)
  })

  it.each(CHUNK_CHOICES)('goes on across the wrap of the numbers on the wire with %s', (chunkChoice) => {
    const low = runLive({ live: { chunkChoice } })
    const high = runLive({ live: { chunkChoice, firstChunk: 65_480 } })
    expect(high.metrics.started_share).toBe(1)
    expect(high.metrics).toEqual(low.metrics)
  })

  it('carries chunks of 2,048 bytes', () => {
    const { metrics } = runLive({ live: { chunkBytes: 2048, streamS: 20 }, rest: QUIET })
    expect(metrics).toMatchObject({ started_share: 1 })
    expect(metrics.continuity_mean).toBeGreaterThan(0.99)
    const gathered = runLive({ live: { chunkBytes: 2048, streamS: 20, newsMs: 200 }, rest: QUIET })
    expect(gathered.metrics.continuity_mean).toBeGreaterThan(0.95)
    expect(gathered.metrics.control_share).toBeLessThan(0.8 * metrics.control_share)
  })

  it('lets late joiners in at a recent point', () => {
    const arrivals = { kind: 'poisson', meanGapS: 1.5 } as const
    const { result, metrics } = runLive({
      live: { streamS: 40 },
      rest: { churn: { ...liveConfig().churn, arrivals } },
    })
    expect(result.peers.at(-1)!.arrivedMs).toBeGreaterThan(20_000)
    expect(metrics).toMatchObject({ continuity_mean: 1 })
    expect(metrics.delay_p95_s).toBeLessThan(8)
    expect(metrics.startup_p95_s).toBeLessThan(5)
  })

  it('lives through viewers that come and go', () => {
    const { result, metrics } = runLive({
      live: { streamS: 40 },
      swarm: { peers: 30 },
      rest: {
        churn: {
          arrivals: { kind: 'flash', windowS: 20 },
          sessions: { kind: 'weibull', shape: 0.59, scaleS: 20 },
          lingerS: null,
          gracefulShare: 0.5,
        },
      },
    })
    expect(result.invariants.violations).toEqual([])
    expect(metrics.continuity_mean).toBeGreaterThan(0.9)
  })

  it('is not poisoned: polluters are found out by everybody who gets a chunk of them', () => {
    const fault = { kind: 'corrupt', share: 0.2, target: 'peers', chunkShare: 1 } as const
    const { result, metrics } = runLive({ rest: { faults: [fault] } })
    expect(result.invariants.violations).toEqual([])
    const polluters = 20 * 0.2
    expect(result.results.corrupt).toBeGreaterThan(0)
    // Banned by each neighbour after the first one, but for those that were asked for before it came.
    expect(result.results.corrupt).toBeLessThanOrEqual(3 * polluters * 20)
    expect(metrics.continuity_mean).toBeGreaterThan(0.95)
  })

  it('carries free-riders as long as the others can', () => {
    const fault = { kind: 'free-rider', share: 0.3, target: 'peers' } as const
    const { result, metrics } = runLive({ rest: { faults: [fault] } })
    expect(result.peers.filter(({ uploadedBytes }) => uploadedBytes === 0).length).toBeGreaterThan(2)
    expect(metrics.continuity_mean).toBeGreaterThan(0.95)
  })
})

describe('source failover', () => {
  it('goes on with the standby where the first source vanishes', () => {
    const { result, metrics } = runLive({ live: { streamS: 40, standbys: 1, sourceFailsAtS: 15 } })
    expect(metrics.takeover_s).toBeGreaterThan(1)
    expect(metrics.takeover_s).toBeLessThan(6)
    expect(metrics.continuity_mean).toBeGreaterThan(0.95)
    const [first, standby] = result.sources
    expect(first.leftMs).toBe(15_000)
    expect(standby.uploadedBytes).toBeGreaterThan(0)
    expect(result.invariants.violations).toEqual([])
  })

  it('keeps the standby silent while the stream lives', () => {
    const { result, metrics } = runLive({ live: { standbys: 1 } })
    expect(metrics.takeover_s).toBeNaN()
    expect(result.sources[1].uploadedBytes).toBe(0)
  })

  it('goes on where it can when the only source is away for a while', () => {
    const outage = { kind: 'origin-outage', share: 1, refuses: true, when: WHILE } as const
    const { result, metrics } = runLive({ live: { streamS: 40 }, rest: { faults: [outage] } })
    expect(result.invariants.violations).toEqual([])
    // What was emitted meanwhile is lost, and the time to find each other again.
    expect(metrics.skipped_share).toBeGreaterThan(0.1)
    expect(metrics.skipped_share).toBeLessThan(0.45)
  })

  it('outlives crashes of viewers that come back, and liars that claim what they lack', () => {
    const faults = [
      { kind: 'restart', share: 0.3, target: 'peers', when: WHILE, keepsCache: true },
      { kind: 'liar', share: 0.1, target: 'peers', about: 'chunks', refuses: false },
    ] as const
    const { result, metrics } = runLive({ live: { streamS: 40 }, rest: { faults } })
    expect(result.invariants.violations).toEqual([])
    // Claiming a content's chunks in a stream breaks the protocol: nobody stays linked to such a liar.
    expect(metrics.started_share).toBeGreaterThanOrEqual(0.85)
    expect(metrics.continuity_mean).toBeGreaterThan(0.8)
  })

  it('leaves viewers with what they have where there is no standby, and no storm of requests', () => {
    const { result, metrics } = runLive({ live: { streamS: 40, sourceFailsAtS: 15 } })
    const reference = runLive({ live: { streamS: 40 } })
    expect(metrics.skipped_share).toBeGreaterThan(0.3)
    expect(metrics.fetches).toBeLessThan(reference.metrics.fetches)
    expect(result.controlMessages).toBeLessThan(reference.result.controlMessages)
  })
})

describe('the physics of live streams', () => {
  it('give viewers no more than the source sends', () => {
    const { result, metrics } = runLive({ sourceBps: 40_000, rest: QUIET })
    expect(result.invariants.violations).toEqual([])
    expect(metrics.rate_ratio).toBeLessThanOrEqual(1)
    expect(metrics.rate_ratio).toBeGreaterThan(0.6)
    expect(metrics.skipped_share).toBeGreaterThan(0.1)
  })

  it('give viewers no more than all send together', () => {
    const { result, metrics } = runLive({ sourceBps: 200_000, upBps: 30_000, rest: QUIET })
    expect(result.invariants.violations).toEqual([])
    expect(metrics.rate_ratio).toBeLessThanOrEqual(1)
    expect(metrics.rate_ratio).toBeGreaterThan(0.7)
    expect(metrics.skipped_share).toBeGreaterThan(0.1)
  })

  it('let the delay grow with the logarithm of the audience, not with the audience', () => {
    const medianMs = [10, 40, 160].map(
      (peers) =>
        runLive({ swarm: { peers }, live: { streamS: 20 }, sourceBps: 200_000, rest: QUIET }).metrics
          .diffusion_p50_ms,
    )
    const [first, second] = [medianMs[1] - medianMs[0], medianMs[2] - medianMs[1]]
    expect(first).toBeGreaterThan(0)
    expect(second).toBeGreaterThan(0)
    expect(second).toBeLessThan(3 * first)
    expect(medianMs[2]).toBeLessThan(4 * medianMs[0])
  })

  // Where upload is plenty, any choice will do; where it is scarce, copies of old chunks keep new ones waiting (Bonald 2008).
  it.each(['one', 'two'])(
    'let chunks spread the sooner the newer those are that are fetched (%s)',
    (seed) => {
      const [latest, random, deadline] = (['latest-useful', 'random-useful', 'deadline-first'] as const).map(
        (chunkChoice) =>
          runLive({
            swarm: { peers: 40 },
            live: { chunkChoice },
            sourceBps: 200_000,
            upBps: 80_000,
            rest: { ...QUIET, seed },
          }).metrics.diffusion_p50_ms,
      )
      expect(latest).toBeLessThan(random)
      expect(random).toBeLessThan(deadline)
    },
  )
})

describe('a live config', () => {
  it.each([
    [{ chunkBytes: 0 }, /workload\.chunkBytes/],
    [{ rateBps: 0 }, /workload\.rateBps/],
    [{ windowMs: 6_000 }, /workload\.windowMs.*10000 \(twice startBufferMs and keepPlayedMs\)/],
    [{ windowMs: 10_000_000 }, /4096 chunks/],
    [{ tickMs: 0 }, /workload\.tickMs/],
    [{ standbys: -1 }, /workload\.standbys/],
    [{ sourceFailsAtS: -1 }, /workload\.sourceFailsAtS/],
    [{ chunkChoice: 'best' as never }, /random-useful, latest-useful, deadline-first/],
  ])('is refused where it can’t be simulated: %o', (live, message) => {
    expect(() => createWorld(liveConfig({ live }))).toThrow(SimConfigError)
    expect(() => createWorld(liveConfig({ live }))).toThrow(message)
  })

  it('needs a source', () => {
    expect(() => createWorld(liveConfig({ swarm: { origin: null } }))).toThrow(/swarm\.origin/)
  })
})
