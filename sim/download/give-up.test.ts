import { describe, expect, it } from 'vitest'
import { runWorld, smallConfig } from '../world.testing.ts'

describe('peers that give up', () => {
  it('are gone, and nobody waits for them', () => {
    const { peer, swarm, network } = smallConfig()
    const config = smallConfig({
      peer: { ...peer, giveUpMs: 30_000 },
      // What there is takes longer to arrive than anybody waits.
      swarm: { ...swarm, origin: { ...swarm.origin!, upBps: 100 }, initialSeeds: 0 },
      network: { ...network, jitterShare: 0 },
    })
    const { result } = runWorld(config)
    expect(result.peers).toHaveLength(20)
    for (const { leftMs, arrivedMs, chunks } of result.peers) {
      expect(chunks).toBe(0)
      expect(leftMs - arrivedMs).toBeCloseTo(30_000, 6)
    }
    expect(result.simulatedMs).toBeLessThan(60_000)
  })
})
