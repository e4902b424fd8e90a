import { expect, it } from 'vitest'
import type { FeatureName } from '../peer/protocol/features.ts'
import { checkSight } from './check-sight.ts'
import type { LoadedModel } from './load-model.ts'

const modelOf = (observable: string, features: FeatureName[], options = {}): LoadedModel =>
  ({
    label: 'm@1',
    card: { observable, options },
    inputs: features.map((feature) => ({ feature, kind: 'missing' })),
  }) as unknown as LoadedModel
const blind = { knowsRegions: false, masked: [] }

it('lets a model for unmodified clients look at regions only where they are known', () => {
  const model = modelOf('tracker-only', ['rtt_ms', 'same_region', 'upload_mean_bps'])
  expect(() => checkSight(model, blind)).toThrow(
    "invalid model: m@1 looks at rtt_ms, same_region, which this tracker can't see (give --geoip FILE.mmdb; or hide it from the model: --mask rtt_ms --mask same_region)",
  )
  checkSight(model, { ...blind, knowsRegions: true })
  checkSight(model, { ...blind, masked: ['rtt_ms', 'same_region'] })
})

it('refuses a model for peers that has not learned to do without what only they see', () => {
  const features: FeatureName[] = ['goodput_bps', 'rtt_ms', 'queued_uploads']
  expect(() => checkSight(modelOf('peer', features, { trackerShare: 0 }), blind)).toThrow(
    'looks at goodput_bps, which',
  )
  checkSight(modelOf('peer', features, { trackerShare: 0.15 }), blind)
  checkSight(modelOf('tracker', ['rtt_ms', 'queued_uploads']), blind)
})
