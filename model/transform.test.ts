import { expect, it } from 'vitest'
import type { FeatureName } from '../peer/protocol/features.ts'
import { FEATURE_COUNT, FEATURE_INDEX, FEATURES, isObservable } from '../peer/protocol/features.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { candidates } from './candidates.testing.ts'
import { emptyGroups } from './groups.ts'
import { syntheticGroups } from './synthetic.ts'
import { hidePeerFeatures } from './training-data.ts'
import { fitInputs, MAX_DEVIATIONS } from './inputs.ts'
import { InputTransform } from './transform.ts'

function groupOf(rows: Partial<Record<FeatureName, number>>[]) {
  const groups = emptyGroups(1, rows.length)
  groups.lengths[0] = rows.length
  groups.features.set(candidates(rows).features)
  return groups
}

function write(transform: InputTransform, rows: Partial<Record<FeatureName, number>>[]) {
  const out = new Float32Array(rows.length * transform.width)
  transform.write(candidates(rows).features, 0, rows.length, out)
  return out
}

const e = (power: number) => Math.exp(power) - 1

it('scales by the training split and flags the unknown', () => {
  const inputs = fitInputs(groupOf([{ rtt_ms: e(1) }, { rtt_ms: e(3) }, {}]), 'peer')
  expect(inputs).toMatchObject([
    { kind: 'value', transform: 'log1p' },
    { feature: 'rtt_ms', kind: 'missing' },
  ])
  expect(inputs[0]).toMatchObject({ mean: expect.closeTo(2, 5), std: expect.closeTo(1, 5) })
  const written = write(new InputTransform(inputs), [{ rtt_ms: e(4) }, {}, { rtt_ms: 1e30 }])
  const expected = [2, 0, 0, 1, MAX_DEVIATIONS, 0]
  written.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4))
})

it('leaves out what never varies: its weights would stay as they were drawn', () => {
  const rows = [
    { upload_slots: 4, queued_uploads: 1 },
    { upload_slots: 4, queued_uploads: 2 },
  ]
  expect(fitInputs(groupOf(rows), 'peer').map(({ feature, kind }) => [feature, kind])).toEqual([
    ['queued_uploads', 'value'],
  ])
})

it('does not look at padding', () => {
  const groups = emptyGroups(1, 4)
  groups.lengths[0] = 2
  groups.features.set(candidates([{ rtt_ms: 1 }, { rtt_ms: 2 }]).features)
  expect(fitInputs(groups, 'peer').map(({ kind }) => kind)).toEqual(['value'])
})

it('keeps to what a tracker observes where asked', () => {
  const data = syntheticGroups(20, 8, new SeededRandom('a'))
  const names = new Set(fitInputs(data, 'tracker-only').map(({ feature }) => feature))
  expect([...names]).toEqual(
    FEATURES.flatMap((feature): FeatureName[] =>
      isObservable(feature, 'tracker-only') ? [feature.name] : [],
    ),
  )
})

it('takes logarithms as precisely as float32 allows, over the whole range', () => {
  const transform = new InputTransform([
    { feature: 'rtt_ms', kind: 'value', transform: 'log1p', mean: 0, std: 100 },
  ])
  const raw = Array.from({ length: 200 }, (_, i) => Math.fround(Math.exp(-12 + 0.5 * i)))
  const written = write(transform, [...raw.map((rtt_ms) => ({ rtt_ms })), { rtt_ms: 0 }, { rtt_ms: -5 }])
  const expected = [...raw.map((value) => Math.log1p(value) / 100), 0, 0]
  written.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(3e-7 * Math.max(expected[i], 0.01))
  })
})

it('hides what only a peer observes in some of the groups', () => {
  const data = syntheticGroups(400, 4, new SeededRandom('a'))
  const hidden = hidePeerFeatures(data, 0.25, new SeededRandom('b'))
  const value = (features: Float32Array, group: number, name: FeatureName) =>
    features[group * 4 * FEATURE_COUNT + FEATURE_INDEX[name]]
  let blinded = 0
  for (let group = 0; group < 400; group++) {
    if (Number.isNaN(value(hidden.features, group, 'goodput_bps'))) blinded++
    expect(value(hidden.features, group, 'rtt_ms')).toBe(value(data.features, group, 'rtt_ms'))
    expect(value(data.features, group, 'goodput_bps')).toBeGreaterThan(0)
  }
  expect(blinded / 400).toBeCloseTo(0.25, 1)
})
