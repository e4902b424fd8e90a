import type { Deployment, FeatureDefinition, FeatureName } from '../peer/protocol/features.ts'
import { FEATURE_COUNT, FEATURE_INDEX, FEATURES, isObservable } from '../peer/protocol/features.ts'
import type { RankingGroups } from './groups.ts'

/** One input of the network: a feature's scaled value, or whether the feature is unknown. */
export type InputDefinition =
  | {
      readonly feature: FeatureName
      readonly kind: 'value'
      readonly transform: FeatureDefinition['transform']
      /** Mean and standard deviation of the transformed known values of the training split. */
      readonly mean: number
      readonly std: number
    }
  | { readonly feature: FeatureName; readonly kind: 'missing' }

/** Scaled values are cut at this many standard deviations: a network is not to extrapolate beyond what it saw. */
export const MAX_DEVIATIONS = 6

/**
 * The inputs that training data supports. A feature that never varies has no value input, one that is never (or
 * always) missing no indicator: their weights would stay as drawn and disturb scores once the feature does vary.
 */
export function fitInputs(training: RankingGroups, deployment: Deployment): InputDefinition[] {
  return FEATURES.filter((feature) => isObservable(feature, deployment)).flatMap((feature) =>
    fitFeature(feature, training),
  )
}

function fitFeature(definition: (typeof FEATURES)[number], training: RankingGroups): InputDefinition[] {
  const { name: feature, transform } = definition
  const { features, size, lengths } = training
  const index = FEATURE_INDEX[feature]
  let known = 0
  let missing = 0
  let mean = 0
  let squares = 0
  for (let group = 0; group < lengths.length; group++)
    for (let item = 0; item < lengths[group]; item++) {
      const raw = features[(group * size + item) * FEATURE_COUNT + index]
      if (Number.isNaN(raw)) missing++
      else {
        const value = transform === 'log1p' ? Math.log1p(Math.max(raw, 0)) : raw
        const shift = value - mean
        mean += shift / ++known
        squares += shift * (value - mean)
      }
    }
  const std = known > 1 ? Math.sqrt(squares / known) : 0
  const inputs: InputDefinition[] = []
  if (std > 1e-6) inputs.push({ feature, kind: 'value', transform, mean, std })
  if (missing > 0 && known > 0) inputs.push({ feature, kind: 'missing' })
  return inputs
}
