import { expect, it } from 'vitest'
import type { FeatureName } from '../peer/protocol/features.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { candidates } from './candidates.testing.ts'
import type { PolicyName } from './policies.ts'
import { createRanker } from './policies.ts'
import type { PolicySpec } from './policies.ts'

const ranker = (spec: PolicySpec | PolicyName) =>
  createRanker(typeof spec === 'string' ? { name: spec } : spec, { random: new SeededRandom('test') })

function rank(name: PolicyName, rows: Partial<Record<FeatureName, number>>[], wanted = rows.length) {
  const { order, propensity, scores } = ranker(name).rank(candidates(rows), wanted)
  return { order: Array.from(order), propensity, scores: Array.from(scores) }
}

it('nearest puts the shortest round trip first and the unknown last', () => {
  const { order, propensity } = rank('nearest', [{ rtt_ms: 80 }, {}, { rtt_ms: 5 }, { rtt_ms: 20 }])
  expect(order).toEqual([2, 3, 0, 1])
  expect(propensity).toBe(1)
})

it('nearest says how many were equally near', () => {
  expect(rank('nearest', [{ rtt_ms: 5 }, { rtt_ms: 5 }, { rtt_ms: 9 }]).propensity).toBe(1 / 2)
})

it('same-region puts the own region first', () => {
  const { order, propensity } = rank('same-region', [{ same_region: 0 }, { same_region: 1 }, {}])
  expect(order[0]).toBe(1)
  expect(propensity).toBe(1)
})

it('least-loaded counts active and queued uploads per slot', () => {
  const rows = [
    { active_uploads: 4, queued_uploads: 2, upload_slots: 4 },
    { active_uploads: 2, queued_uploads: 0, upload_slots: 4 },
    { active_uploads: 2, queued_uploads: 2, upload_slots: 16 },
  ]
  const { order, scores } = rank('least-loaded', rows)
  expect(order).toEqual([2, 1, 0])
  expect(scores).toEqual([-1.5, -0.5, -0.25])
})

it('least-loaded breaks ties by own requests and takes an unknown load for the mean', () => {
  const busy = { active_uploads: 4, queued_uploads: 0, upload_slots: 4 }
  expect(
    rank('least-loaded', [
      { ...busy, own_inflight: 2 },
      { ...busy, own_inflight: 1 },
    ]).order,
  ).toEqual([1, 0])
  const idle = { ...busy, active_uploads: 0 }
  expect(rank('least-loaded', [busy, {}, idle]).order).toEqual([2, 1, 0])
})

it('fastest trusts own goodput over reports, and takes the unknown for average', () => {
  const rows = [
    { goodput_bps: 1e5, reported_goodput_bps: 9e6 },
    { reported_goodput_bps: 2e6 },
    { goodput_bps: 3e6 },
    {},
  ]
  const { order, propensity } = rank('fastest', rows)
  expect(Array.from(order)).toEqual([2, 1, 3, 0])
  expect(propensity).toBe(1)
  expect(rank('fastest', [{}, {}]).propensity).toBe(1 / 2)
})

it('round-robin comes back to each candidate in turn', () => {
  const policy = ranker('round-robin')
  const set = candidates([{}, {}, {}, {}])
  const turns = Array.from({ length: 8 }, () => policy.rank(set, 1).order[0])
  expect(turns.slice(0, 4).sort()).toEqual([0, 1, 2, 3])
  expect(turns.slice(4)).toEqual(turns.slice(0, 4))
  expect(policy.rank(set, 1).propensity).toBe(1)
})

it('round-robin puts newcomers first, and counts all that a tracker listed as chosen', () => {
  const policy = ranker('round-robin')
  policy.rank(candidates([{}, {}], ['a', 'b'], 'tracker'), 2)
  const { order, propensity } = policy.rank(candidates([{}, {}, {}], ['a', 'b', 'c']), 1)
  expect(order[0]).toBe(2)
  expect(propensity).toBe(1)
})

it('random gives each candidate its chance', () => {
  expect(rank('random', [{}, {}, {}, {}])).toMatchObject({ propensity: 1 / 4, scores: [0, 0, 0, 0] })
})

it('two-choices never takes the most loaded of several', () => {
  const rows = [3, 1, 2].map((active_uploads) => ({ active_uploads, queued_uploads: 0, upload_slots: 1 }))
  const policy = ranker('two-choices')
  const firsts = Array.from({ length: 50 }, () => policy.rank(candidates(rows), 1).order[0])
  expect(new Set(firsts)).toEqual(new Set([1, 2]))
  expect(rank('two-choices', [{}]).propensity).toBe(1)
})

it('tit-for-tat asks those that have given most, and now and then whoever may begin to give', () => {
  const rows = [{ own_ok: 3 }, {}, { own_ok: 9 }, { own_ok: 1, goodput_bps: 9e6 }]
  const policy = ranker('tit-for-tat')
  const set = candidates(rows)
  let greedy = 0
  for (let i = 0; i < 400; i++) {
    const { order, propensity, explored } = policy.rank(set, rows.length)
    // Three of four choices go to the one that gave most, and a fourth of the rest.
    expect(propensity).toBeCloseTo(order[0] === 2 ? 0.75 + 0.25 / 4 : 0.25 / 4, 12)
    if (!explored) {
      expect(order[0]).toBe(2)
      greedy++
    }
  }
  expect(Math.abs(greedy - 300)).toBeLessThan(60)
})

it('bandit tries everybody once, then weighs what each gave against how little is known of it', () => {
  const tried = (own_ok: number, goodput_bps: number) => ({ own_ok, own_failed: 0, own_busy: 0, goodput_bps })
  expect(rank('bandit', [tried(5, 1e6), {}, tried(5, 2e6)]).order).toEqual([1, 2, 0])
  // Little known of either: the better one. Much known of the better one: the other may have become as good.
  expect(rank('bandit', [tried(4, 2e6), tried(4, 1e6)]).order[0]).toBe(0)
  expect(rank('bandit', [tried(400, 2e6), tried(4, 1e6)]).order[0]).toBe(1)
  // UCB1: mean reward + sqrt(2 ln N / n), with N = 16 requests; a refusal is a reward of 0.
  const { scores } = rank('bandit', [{ ...tried(6, 3e6), own_busy: 2 }, tried(8, 1.5e6)])
  const bonus = Math.sqrt((2 * Math.log(16)) / 8)
  expect(scores[0]).toBeCloseTo(6 / 8 + bonus, 6)
  expect(scores[1]).toBeCloseTo(0.5 + bonus, 6)
})

it('names exploration in the version, within the limit of the wire', () => {
  expect(ranker({ name: 'fastest', explore: { kind: 'epsilon', epsilon: 0.1 } })).toMatchObject({
    name: 'fastest',
    version: '1+epsilon=0.1',
  })
  expect(ranker({ name: 'random', explore: { kind: 'softmax', temperature: 2 } }).version).toBe('1+softmax=2')
})

it('refuses settings that make no sense', () => {
  expect(() => ranker('fastset' as PolicyName)).toThrow('invalid policy: "fastset" (allowed random, ')
  expect(() => ranker({ name: 'random', explore: { kind: 'epsilon', epsilon: 2 } })).toThrow(
    'invalid epsilon: 2 (allowed 0 to 1)',
  )
  expect(() => ranker({ name: 'random', explore: { kind: 'softmax', temperature: 0 } })).toThrow(
    'invalid temperature: 0 (allowed above 0)',
  )
  expect(() => ranker({ name: 'random', explore: { kind: 'ucb' } as never })).toThrow(
    'invalid explore.kind: "ucb" (allowed epsilon, softmax)',
  )
  expect(() => ranker('model')).toThrow('policy "model" needs a model folder')
})
