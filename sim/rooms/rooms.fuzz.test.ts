import fc from 'fast-check'
import { it } from 'vitest'
import { SIM_DEFAULTS, type SimConfig } from '../config.ts'
import { anyFault } from '../faults/faults.testing.ts'
import { NETWORK_DEFAULTS } from '../network-settings.ts'
import { runWorld, smallConfig } from '../world.testing.ts'
import { ROOMS_WORKLOAD_DEFAULTS } from './config.ts'

const { sync } = ROOMS_WORKLOAD_DEFAULTS
const rarely = fc.constantFrom(null, 20, 60)

const config: fc.Arbitrary<SimConfig> = fc
  .record({
    seed: fc.nat(1e6),
    peers: fc.integer({ min: 1, max: 8 }),
    membersPerRoom: fc.integer({ min: 1, max: 5 }),
    listenS: fc.integer({ min: 20, max: 150 }),
    controls: fc.record({
      pauseEveryS: rarely,
      pauseForS: fc.constant(5),
      seekEveryS: rarely,
      skipEveryS: rarely,
    }),
    losses: fc.record({ everyS: rarely, forS: fc.constantFrom(1, 20) }),
    correction: fc.constantFrom('rate' as const, 'jump' as const, 'none' as const),
    hasOrigin: fc.boolean(),
    lossRate: fc.constantFrom(0, 0.05),
    sessions: fc.constantFrom(SIM_DEFAULTS.churn.sessions, {
      kind: 'weibull' as const,
      shape: 0.6,
      scaleS: 40,
    }),
    faults: fc.array(anyFault, { maxLength: 3 }),
  })
  .map(({ seed, peers, correction, hasOrigin, lossRate, sessions, faults, ...rooms }) =>
    smallConfig({
      seed,
      durationLimitS: 300,
      workload: {
        ...ROOMS_WORKLOAD_DEFAULTS,
        contents: 3,
        tracksPerRoom: 2,
        leastTrackS: 20,
        mostTrackS: 60,
        sync: { ...sync, correction },
        ...rooms,
      },
      swarm: {
        ...SIM_DEFAULTS.swarm,
        peers,
        initialSeeds: 1,
        origin: hasOrigin ? SIM_DEFAULTS.swarm.origin : null,
      },
      churn: { ...SIM_DEFAULTS.churn, arrivals: { kind: 'flash', windowS: 60 }, sessions },
      network: { ...NETWORK_DEFAULTS, lossRate },
      faults,
    }),
  )

it('breaks no invariant in any small world of rooms, whatever faults strike it', () => {
  // A broken invariant throws, and names itself and the seed.
  fc.assert(
    fc.property(config, (drawn) => runWorld(drawn).result.simulatedMs <= 300_000),
    { numRuns: 60, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false },
  )
})
