import fc from 'fast-check'
import { it } from 'vitest'
import { CHUNK_CHOICES } from '../../peer/core/live-options.ts'
import { SIM_DEFAULTS, type SimConfig } from '../config.ts'
import { anyFault } from '../faults/faults.testing.ts'
import { runWorld } from '../world.testing.ts'
import { liveConfig } from './live.testing.ts'

const config: fc.Arbitrary<SimConfig> = fc
  .record({
    seed: fc.nat(1e6),
    peers: fc.integer({ min: 1, max: 15 }),
    live: fc.record({
      chunkBytes: fc.constantFrom(2048, 8192, 30_000),
      rateBps: fc.integer({ min: 10_000, max: 150_000 }),
      streamS: fc.integer({ min: 5, max: 40 }),
      firstChunk: fc.constantFrom(0, 65_400, 2 ** 40),
      standbys: fc.integer({ min: 0, max: 2 }),
      sourceFailsAtS: fc.constantFrom(null, 0, 9),
      chunkChoice: fc.constantFrom(...CHUNK_CHOICES),
      startBufferMs: fc.constantFrom(0, 500, 4_000),
      keepPlayedMs: fc.constantFrom(0, 3_000),
      windowMs: fc.constantFrom(15_000, 25_000),
      resyncMs: fc.constantFrom(0, 2_000),
      newsMs: fc.constantFrom(0, 150),
    }),
    sourceBps: fc.constantFrom(30_000, 400_000),
    upBps: fc.constantFrom(20_000, 200_000),
    lossRate: fc.constantFrom(0, 0.1),
    arrivals: fc.constantFrom(
      { kind: 'flash' as const, windowS: 10 },
      { kind: 'poisson' as const, meanGapS: 2 },
    ),
    sessions: fc.constantFrom(SIM_DEFAULTS.churn.sessions, {
      kind: 'weibull' as const,
      shape: 0.6,
      scaleS: 15,
    }),
    faults: fc.array(anyFault, { maxLength: 3 }),
  })
  .map(({ seed, peers, live, sourceBps, upBps, lossRate, arrivals, sessions, faults }) => {
    const config = liveConfig({ live, swarm: { peers }, sourceBps, upBps, rest: { seed, faults } })
    return {
      ...config,
      churn: { ...config.churn, arrivals, sessions, gracefulShare: 0.5 },
      network: { ...config.network, lossRate },
    }
  })

it('breaks no invariant in any small live stream, whatever faults strike it', () => {
  // A broken invariant throws, and names itself and the seed.
  fc.assert(
    fc.property(config, (drawn) => runWorld(drawn).result.simulatedMs <= 40_000),
    { numRuns: 60, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false },
  )
})
