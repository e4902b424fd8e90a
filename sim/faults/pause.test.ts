import { describe, expect, it } from 'vitest'
import type { Fault } from '../faults.ts'
import { runWorld, smallConfig } from '../world.testing.ts'

const pause: Fault = { kind: 'pause', share: 1, target: 'all', when: { meanEveryS: 0.5, meanForS: 1 } }

describe('programs that stand still now and then', () => {
  it('lose no byte from the count, whenever the run ends and whatever they close when they go on', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { result } = runWorld(smallConfig({ seed, faults: [pause], durationLimitS: 20 + 3 * seed }))
      expect(result.invariants.violations).toEqual([])
      expect(result.results.ok).toBeGreaterThan(0)
    }
  })

  it('get everything in the end', () => {
    const { result } = runWorld(smallConfig({ faults: [pause] }))
    expect(result.peers.every(({ chunks }) => chunks === 8)).toBe(true)
  })
})
