import { FEATURES, type FeatureName, isObservable } from '../peer/protocol/features.ts'
import { PolicyError } from './errors.ts'
import type { LoadedModel } from './load-model.ts'

/** What a tracker gets to see beyond what every announce says. */
export interface TrackerSight {
  /** Whether it can tell in which region an address lies. */
  readonly knowsRegions: boolean
  /** Features that are hidden from every model, as if nobody ever knew them. */
  readonly masked: readonly FeatureName[]
}

const OF_REGIONS: readonly FeatureName[] = ['rtt_ms', 'same_region']

/**
 * Throws PolicyError where a model looks at features that this tracker can't see. Masked ones do not count; nor does what
 * the training hid now and then, so that the model learned to do without.
 */
export function checkSight(
  { label, card, inputs }: LoadedModel,
  { knowsRegions, masked }: TrackerSight,
): void {
  const isUnseen = (name: FeatureName): boolean => {
    if (masked.includes(name)) return false
    if (card.observable === 'tracker-only') return !knowsRegions && OF_REGIONS.includes(name)
    const isHidden = card.observable === 'peer' && Number(card.options['trackerShare'] ?? 0) > 0
    return (
      !isHidden &&
      !isObservable(
        FEATURES.find((feature) => feature.name === name)!,
        'tracker',
      )
    )
  }
  const unseen = [...new Set(inputs.map(({ feature }) => feature))].filter(isUnseen)
  if (unseen.length === 0) return
  const way =
    card.observable === 'tracker-only'
      ? 'give --geoip FILE.mmdb'
      : 'train one for trackers: seedbed train RUN… --observable tracker-only'
  throw new PolicyError(
    `invalid model: ${label} looks at ${unseen.join(', ')}, which this tracker can't see (${way}; or hide it from the model: ${unseen.map((name) => `--mask ${name}`).join(' ')})`,
  )
}
