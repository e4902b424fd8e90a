import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FEATURE_COUNT } from '../peer/protocol/features.ts'
import type { CandidateSet, Ranker } from '../peer/ports/ranker.ts'
import { rankerContract } from '../peer/ports/ranker.contract.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { initialMlp } from './mlp.ts'
import type { PolicySpec } from './policies.ts'
import { createRanker, POLICY_NAMES } from './policies.ts'
import { ModelScorer } from './scorer.ts'
import { syntheticGroups } from './synthetic.ts'
import { fitInputs } from './inputs.ts'

const inputs = fitInputs(syntheticGroups(20, 8, new SeededRandom('fit')), 'peer')
const model = {
  label: 'test@0',
  scorer: new ModelScorer(inputs, initialMlp([inputs.length, 8, 1], 'test')),
}
const specs: PolicySpec[] = POLICY_NAMES.flatMap((name) => [
  { name },
  { name, explore: { kind: 'epsilon', epsilon: 0.3 } },
  { name, explore: { kind: 'softmax', temperature: 0.7 } },
])
const label = ({ name, explore }: PolicySpec) => `${name} ${explore?.kind ?? 'alone'}`

// The contract counts choices of one ranker over time; round-robin's propensities depend on what it chose before, so it
// is counted from equal states below.
for (const spec of specs.filter(({ name }) => name !== 'round-robin'))
  rankerContract(label(spec), () => createRanker(spec, { random: new SeededRandom('contract'), model }))

const value = fc.oneof(
  fc.constantFrom(NaN, 0, 1, 2, 3),
  fc.float({ min: 0, max: Math.fround(1e9), noNaN: true }),
)

const candidateSets = fc
  .integer({ min: 1, max: 40 })
  .chain((count) =>
    fc
      .array(value, { minLength: count * FEATURE_COUNT, maxLength: count * FEATURE_COUNT })
      .map((values) => candidateSet(count, Float32Array.from(values))),
  )

function candidateSet(count: number, features: Float32Array): CandidateSet {
  const peerIds = Array.from({ length: count }, (_, i) => `peer-${i}`)
  return { place: 'peer', requesterId: 'requester', count, peerIds, features }
}

it.each(specs.map((spec) => [label(spec), spec] as const))('%s: answers are well formed', (_, spec) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(candidateSets, fc.integer({ min: 0, max: 60 })), { minLength: 1, maxLength: 4 }),
      fc.string(),
      (decisions, seed) => {
        const ranker = createRanker(spec, { random: new SeededRandom(seed), model })
        for (const [set, wanted] of decisions) {
          const { order, scores, propensity } = ranker.rank(set, wanted)
          expect(order.length).toBe(Math.max(1, Math.min(wanted, set.count)))
          expect(new Set(Array.from(order)).size).toBe(order.length)
          expect(Array.from(order).every((i) => Number.isInteger(i) && i >= 0 && i < set.count)).toBe(true)
          expect(scores.length).toBe(set.count)
          expect(scores.every(Number.isFinite)).toBe(true)
          expect(propensity).toBeGreaterThan(0)
          expect(propensity).toBeLessThanOrEqual(1)
        }
      },
    ),
    { numRuns: 40 },
  )
})

/** Five candidates of small whole features, so that ties are common; two of them chosen before, one after the other. */
function tiedDecision(): { set: CandidateSet; warmUp: (ranker: Ranker) => void } {
  const random = new SeededRandom('ties')
  const values = () => (random.next() < 0.2 ? NaN : random.below(3))
  const set = candidateSet(5, Float32Array.from({ length: 5 * FEATURE_COUNT }, values))
  const warmUp = (ranker: Ranker) => {
    for (const peerId of set.peerIds.slice(0, 2)) ranker.rank({ ...set, count: 1, peerIds: [peerId] }, 1)
  }
  return { set, warmUp }
}

it.each(specs.map((spec) => [label(spec), spec] as const))(
  '%s: the first choice comes as often as its propensity says',
  (_, spec) => {
    const { set, warmUp } = tiedDecision()
    const random = new SeededRandom(label(spec))
    const draws = 6000
    const times = new Float64Array(set.count)
    const stated = new Float64Array(set.count)
    for (let i = 0; i < draws; i++) {
      const ranker = createRanker(spec, { random, model })
      warmUp(ranker)
      const { order, propensity } = ranker.rank(set, 1 + (i % 5))
      times[order[0]]++
      if (times[order[0]] > 1) expect(propensity).toBeCloseTo(stated[order[0]], 12)
      stated[order[0]] = propensity
    }
    for (let i = 0; i < set.count; i++) {
      const deviation = Math.sqrt((stated[i] * (1 - stated[i])) / draws)
      expect(Math.abs(times[i] / draws - stated[i])).toBeLessThanOrEqual(4.5 * deviation + 1e-12)
    }
    expect(stated.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 2)
  },
)

it('says where exploration chose', () => {
  const set = candidateSet(4, new Float32Array(4 * FEATURE_COUNT))
  const ranker = (epsilon: number) =>
    createRanker(
      { name: 'nearest', explore: { kind: 'epsilon', epsilon } },
      { random: new SeededRandom('e') },
    )
  expect(ranker(0).rank(set, 1).explored).toBe(false)
  expect(ranker(1).rank(set, 1).explored).toBe(true)
})
