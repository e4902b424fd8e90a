/** Who can observe a feature: the peer that fetches, the tracker that ranks, or both. */
export type Observer = 'peer' | 'tracker' | 'both'

export interface FeatureDefinition {
  readonly name: string
  readonly unit: string
  readonly observableBy: Observer
  /** How a model scales the raw value before it is normalised. */
  readonly transform: 'identity' | 'log1p'
  readonly meaning: string
}

/**
 * The ranking features of one candidate, in the order in which they are logged, trained on and scored.
 * Raw values are float32; NaN means unknown.
 */
export const FEATURES = [
  feature(
    'rtt_ms',
    'ms',
    'both',
    'log1p',
    'round-trip time: measured on the link by a peer, estimated from regions by a tracker',
  ),
  feature('same_region', '0/1', 'both', 'identity', 'candidate and requester are in one region'),
  feature(
    'goodput_bps',
    'byte/s',
    'peer',
    'log1p',
    'moving average of the goodput of own fetches from the candidate',
  ),
  feature(
    'ttfb_ms',
    'ms',
    'peer',
    'log1p',
    'moving average of the time to first byte of own fetches from the candidate',
  ),
  feature(
    'reported_goodput_bps',
    'byte/s',
    'both',
    'log1p',
    'mean goodput that other peers reported to the tracker',
  ),
  feature(
    'reported_success',
    'share',
    'both',
    'identity',
    'share of fetches from the candidate that others reported as ok',
  ),
  feature(
    'upload_bps',
    'byte/s',
    'both',
    'log1p',
    'upload rate between the last two announces of the candidate',
  ),
  feature(
    'active_uploads',
    'count',
    'both',
    'identity',
    'transfers under way at the candidate when it last said so',
  ),
  feature(
    'queued_uploads',
    'count',
    'both',
    'identity',
    'requests waiting at the candidate when it last said so',
  ),
  feature('upload_slots', 'count', 'both', 'identity', 'parallel uploads that the candidate allows'),
  feature('load_age_ms', 'ms', 'both', 'log1p', 'age of the load figures'),
  feature('own_inflight', 'count', 'peer', 'identity', 'own requests under way at the candidate'),
  feature('own_ok', 'count', 'peer', 'log1p', 'own fetches from the candidate that went well'),
  feature(
    'own_failed',
    'count',
    'peer',
    'log1p',
    'own fetches from the candidate that timed out, broke off or were corrupt',
  ),
  feature('own_busy', 'count', 'peer', 'log1p', 'own requests that the candidate refused as busy'),
  feature('completeness', 'share', 'both', 'identity', 'share of the chunks that the candidate holds'),
  feature(
    'session_age_ms',
    'ms',
    'both',
    'log1p',
    'time since the candidate joined the swarm, as the tracker saw it',
  ),
] as const satisfies readonly FeatureDefinition[]

export type FeatureName = (typeof FEATURES)[number]['name']

export const FEATURE_COUNT = FEATURES.length

/** Position of each feature in a candidate's row. */
export const FEATURE_INDEX = Object.fromEntries(FEATURES.map(({ name }, index) => [name, index])) as Record<
  FeatureName,
  number
>

function feature<const Name extends string>(
  name: Name,
  unit: string,
  observableBy: Observer,
  transform: FeatureDefinition['transform'],
  meaning: string,
) {
  return { name, unit, observableBy, transform, meaning } as const
}
