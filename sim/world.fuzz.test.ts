import fc from 'fast-check'
import { describe, it } from 'vitest'
import { PEER_DEFAULTS } from '../peer/core/options.ts'
import { type SimConfig, ORIGIN_DEFAULTS, SIM_DEFAULTS } from './config.ts'
import { anyFault } from './faults/faults.testing.ts'
import type { AccessTraces } from './host-variation.ts'
import { NAT_DEFAULTS } from './nat.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import { runWorld } from './world.testing.ts'

const TRACES: AccessTraces = {
  traces: [
    { durationsMs: [700, 1300, 400], bps: [1e6, 0, 2e5] },
    { durationsMs: [5000, 90], bps: [5e4, 4e6] },
  ],
  links: 'both',
  rates: 'trace',
}

const config: fc.Arbitrary<SimConfig> = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  durationLimitS: fc.integer({ min: 5, max: 600 }),
  workload: fc.record({
    kind: fc.constant('download' as const),
    contents: fc.integer({ min: 1, max: 3 }),
    contentBytes: fc.integer({ min: 1, max: 3_000_000 }),
    chunkBytes: fc.integer({ min: 50_000, max: 1_000_000 }),
  }),
  swarm: fc.record({
    peers: fc.integer({ min: 1, max: 15 }),
    trackers: fc.integer({ min: 1, max: 3 }),
    initialSeeds: fc.integer({ min: 1, max: 3 }),
    initialSeedClass: fc.constantFrom(null, 'fast', '3g'),
    caps: fc.constantFrom([], [{ share: 0.5, upBps: 20_000, downBps: null }]),
    origin: fc.constantFrom(null, ORIGIN_DEFAULTS, { ...ORIGIN_DEFAULTS, upBps: 20_000, settings: {} }),
  }),
  accessClasses: fc.constantFrom(
    SIM_DEFAULTS.accessClasses,
    SIM_DEFAULTS.accessClasses.map((accessClass) => ({ ...accessClass, traces: TRACES })),
  ),
  regions: fc.constant(SIM_DEFAULTS.regions),
  churn: fc.record({
    arrivals: fc.oneof(
      fc.record({ kind: fc.constant('flash' as const), windowS: fc.integer({ min: 0, max: 30 }) }),
      fc.record({ kind: fc.constant('poisson' as const), meanGapS: fc.integer({ min: 0, max: 5 }) }),
    ),
    sessions: fc.constantFrom(
      { kind: 'unlimited' as const },
      { kind: 'weibull' as const, shape: 0.5, scaleS: 60 },
    ),
    lingerS: fc.constantFrom(null, 0, 20),
    gracefulShare: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  faults: fc.array(anyFault, { maxLength: 4 }),
  network: fc.record({
    rtt: fc.constantFrom({ kind: 'regions' as const }, { kind: 'constant' as const, ms: 0 }),
    lastMileSpread: fc.constantFrom(0, 0.7),
    jitterShare: fc.constantFrom(0, 0.05, 1),
    lossRate: fc.constantFrom(0, 0.01, 0.2),
    slowStart: fc.boolean(),
    maxWindowBytes: fc.constantFrom(65_536, NETWORK_DEFAULTS.maxWindowBytes),
    connectTimeoutMs: fc.constantFrom(3000, 21_000),
    lostDetectionMs: fc.constantFrom(10, 20_000),
    transitBps: fc.constantFrom({}, { 'eu-west': 200_000, latam: 50_000 }),
    isps: fc.constantFrom(
      [],
      [
        { name: 'a', region: null, share: 0.4, capacityBps: null, insideRttShare: 0.5 },
        { name: 'b', region: 'na-east', share: 0.5, capacityBps: 300_000, insideRttShare: 1 },
      ],
    ),
    reachability: fc.record({
      connectSuccess: fc.constantFrom(1, 0.6),
      draw: fc.constantFrom('pair' as const, 'attempt' as const),
      nat: fc.constantFrom(null, NAT_DEFAULTS),
      relay: fc.constantFrom(null, { region: 'na-east', capacityBps: 400_000 }),
    }),
    uplinkQueue: fc.constantFrom({ kind: 'none' as const }, { kind: 'fifo' as const, bufferMs: 300 }),
  }),
  peer: fc.record({
    ...(Object.fromEntries(
      Object.entries(PEER_DEFAULTS).map(([key, value]) => [key, fc.constant(value)]),
    ) as unknown as { [K in keyof typeof PEER_DEFAULTS]: fc.Arbitrary<(typeof PEER_DEFAULTS)[K]> }),
    maxNeighbours: fc.integer({ min: 2, max: 40 }),
    maxUnchoked: fc.integer({ min: 1, max: 8 }),
    uploadSlots: fc.integer({ min: 1, max: 4 }),
    uploadQueue: fc.integer({ min: 0, max: 4 }),
    endgameCopies: fc.integer({ min: 1, max: 3 }),
  }),
  tracker: fc.constant(SIM_DEFAULTS.tracker),
  recording: fc.constant({ sampleRate: 1, trackerSampleRate: 0.5 }),
  checks: fc.constant({ level: 'full' as const, everyS: 3, onViolation: 'throw' as const }),
})

describe('any small world', () => {
  it('breaks no invariant', () => {
    // A broken invariant throws, and names itself and the seed.
    fc.assert(
      fc.property(config, (drawn) => {
        const { result, rows } = runWorld(drawn)
        const fetches = Object.values(result.results).reduce((sum, count) => sum + count, 0)
        const recorded = rows.filter(({ place }) => place === 'peer').length
        return recorded === fetches && result.simulatedMs <= 1000 * drawn.durationLimitS
      }),
      { numRuns: 60, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    )
  })

  it('has the same outcome whether news of chunks may wait (checks are cheap) or not (they are full)', () => {
    fc.assert(
      fc.property(config, (drawn) => {
        const cheap = runWorld({ ...drawn, checks: { ...drawn.checks, level: 'cheap' } })
        return cheap.rowsHash === runWorld(drawn).rowsHash
      }),
      { numRuns: 40, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    )
  })
})
