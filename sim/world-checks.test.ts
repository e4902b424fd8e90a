import { expect, it } from 'vitest'
import { SIM_DEFAULTS } from './config.ts'
import { LIVE_WORKLOAD_DEFAULTS } from './live/config.ts'
import { runWorld, smallConfig } from './world.testing.ts'

it('allows viewers a link to each source beyond the limit of their neighbours', () => {
  const { result } = runWorld(
    smallConfig({
      workload: { ...LIVE_WORKLOAD_DEFAULTS, streamS: 30, standbys: 3, sourceFailsAtS: 8 },
      swarm: { ...SIM_DEFAULTS.swarm, peers: 30, initialSeeds: 0 },
      peer: { ...SIM_DEFAULTS.peer, maxNeighbours: 2, targetNeighbours: 2 },
      checks: { level: 'full', everyS: 0.5, onViolation: 'throw' },
    }),
  )
  expect(result.invariants.violations).toEqual([])
  expect(result.peers).toHaveLength(30)
})
