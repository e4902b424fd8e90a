import fc from 'fast-check'
import { expect, it } from 'vitest'
import { planSplit } from './split.ts'

const name = fc.string({ minLength: 1, maxLength: 3 })
const swarmLists = fc.uniqueArray(fc.record({ seed: name, swarm: name }), {
  minLength: 3,
  maxLength: 60,
  selector: ({ seed, swarm }) => `${seed}\n${swarm}`,
})

it('gives every split a unit, and no unit to two splits', () => {
  fc.assert(
    fc.property(swarmLists, fc.double({ min: 0.01, max: 0.49, noNaN: true }), (swarms, share) => {
      const plan = planSplit(swarms, share, share)
      const parts = swarms.map(({ seed, swarm }) => plan.partOf(seed, swarm))
      expect(new Set(parts)).toEqual(new Set(['train', 'validation', 'test']))
      const seeds = new Set(swarms.map(({ seed }) => seed)).size
      expect(plan.splitBy).toBe(seeds >= 3 ? 'seed' : 'seed and swarm')
      if (plan.splitBy === 'seed')
        swarms.forEach(({ seed }, i) =>
          swarms.forEach((other, j) => {
            if (other.seed === seed) expect(parts[j]).toBe(parts[i])
          }),
        )
      const { train, validation, test } = plan.units
      expect(train + validation + test).toBe(seeds >= 3 ? seeds : swarms.length)
    }),
  )
})

it('does not depend on the order in which swarms come', () => {
  fc.assert(
    fc.property(swarmLists, (swarms) => {
      const plan = planSplit(swarms, 0.2, 0.2)
      const reversed = planSplit(swarms.toReversed(), 0.2, 0.2)
      for (const { seed, swarm } of swarms)
        expect(reversed.partOf(seed, swarm)).toBe(plan.partOf(seed, swarm))
    }),
  )
})
