import { describe, expect, it } from 'vitest'
import { measure } from './measure.ts'
import { NAT_DEFAULTS } from './nat.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import { REACHABILITY_DEFAULTS, type ReachabilitySettings } from './reachability.ts'
import { runWorld, smallConfig } from './world.testing.ts'

function run(settings: Partial<ReachabilitySettings>) {
  const reachability = { ...REACHABILITY_DEFAULTS, ...settings }
  const config = smallConfig({ network: { ...NETWORK_DEFAULTS, reachability } })
  const { result } = runWorld({ ...config, swarm: { ...config.swarm, peers: 40 } })
  return measure(result)
}

describe('a swarm whose peers cannot all connect', () => {
  it('measures the share of attempts that succeed, and completes all the same', () => {
    const { connect_share: share, completed_share: completed } = run({
      connectSuccess: 0.35,
      draw: 'attempt',
    })
    expect(share).toBeGreaterThan(0.27)
    expect(share).toBeLessThan(0.43)
    expect(completed).toBe(1)
  })

  it('has every connection where a relay helps those behind translators', () => {
    expect(run({ nat: NAT_DEFAULTS, relay: { region: 'eu-west', capacityBps: 1e7 } })).toMatchObject({
      connect_share: 1,
      completed_share: 1,
    })
    const { connect_share: share } = run({ nat: NAT_DEFAULTS })
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.95)
  })
})
