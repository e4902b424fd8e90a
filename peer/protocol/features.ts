/**
 * Who ranks, and what it gets to see: a Seedbed peer that chooses whom to fetch from; a tracker whose peers are Seedbed's and
 * report; a tracker of unmodified clients, which say no more than BitTorrent's announce does (docs/ranking-live.md).
 */
export const DEPLOYMENTS = ['peer', 'tracker', 'tracker-only'] as const
export type Deployment = (typeof DEPLOYMENTS)[number]

export interface FeatureDefinition {
  readonly name: string
  readonly unit: string
  readonly observableTo: readonly Deployment[]
  /** How a model scales the raw value before it is normalised. */
  readonly transform: 'identity' | 'log1p'
  readonly meaning: string
}

const ALL = DEPLOYMENTS
const OWN: readonly Deployment[] = ['peer']
const REPORTED: readonly Deployment[] = ['peer', 'tracker']
const ANNOUNCED: readonly Deployment[] = ['tracker', 'tracker-only']

/**
 * The ranking features of one candidate, in the order in which they are logged, trained on and scored.
 * Raw values are float32; NaN means unknown.
 */
export const FEATURES = [
  feature(
    'rtt_ms',
    'ms',
    ALL,
    'log1p',
    'round-trip time: measured on the link by a peer, estimated from regions by a tracker',
  ),
  feature('same_region', '0/1', ALL, 'identity', 'candidate and requester are in one region'),
  feature(
    'goodput_bps',
    'byte/s',
    OWN,
    'log1p',
    'moving average of the goodput of own fetches from the candidate',
  ),
  feature(
    'ttfb_ms',
    'ms',
    OWN,
    'log1p',
    'moving average of the time to first byte of own fetches from the candidate',
  ),
  feature(
    'reported_goodput_bps',
    'byte/s',
    REPORTED,
    'log1p',
    'mean goodput that other peers reported to the tracker',
  ),
  feature(
    'reported_success',
    'share',
    REPORTED,
    'identity',
    'share of fetches from the candidate that others reported as ok',
  ),
  feature(
    'upload_bps',
    'byte/s',
    ALL,
    'log1p',
    'upload rate between the last two announces of the candidate',
  ),
  feature(
    'active_uploads',
    'count',
    REPORTED,
    'identity',
    'transfers under way at the candidate when it last said so',
  ),
  feature(
    'queued_uploads',
    'count',
    REPORTED,
    'identity',
    'requests waiting at the candidate when it last said so',
  ),
  feature('upload_slots', 'count', REPORTED, 'identity', 'parallel uploads that the candidate allows'),
  feature('load_age_ms', 'ms', ALL, 'log1p', 'age of the load figures'),
  feature('own_inflight', 'count', OWN, 'identity', 'own requests under way at the candidate'),
  feature('own_ok', 'count', OWN, 'log1p', 'own fetches from the candidate that went well'),
  feature(
    'own_failed',
    'count',
    OWN,
    'log1p',
    'own fetches from the candidate that timed out, broke off or were corrupt',
  ),
  feature('own_busy', 'count', OWN, 'log1p', 'own requests that the candidate refused as busy'),
  feature('completeness', 'share', ALL, 'identity', 'share of the chunks that the candidate holds'),
  feature(
    'session_age_ms',
    'ms',
    ALL,
    'log1p',
    'time since the candidate joined the swarm, as the tracker saw it',
  ),
  feature(
    'upload_mean_bps',
    'byte/s',
    ANNOUNCED,
    'log1p',
    'moving average of the upload rates between announces of the candidate',
  ),
  feature(
    'upload_peak_bps',
    'byte/s',
    ANNOUNCED,
    'log1p',
    'highest upload rate between two announces of the candidate: what it can do, also while nobody asks it',
  ),
  feature(
    'download_mean_bps',
    'byte/s',
    ANNOUNCED,
    'log1p',
    'moving average of the download rates between announces of the candidate',
  ),
  feature(
    'announce_jitter',
    'share',
    ANNOUNCED,
    'identity',
    'moving average of how far gaps between announces are off the interval asked for, as a share of it',
  ),
  feature('is_seed', '0/1', ANNOUNCED, 'identity', 'the candidate holds everything, as it told the tracker'),
] as const satisfies readonly FeatureDefinition[]

export type FeatureName = (typeof FEATURES)[number]['name']

export const FEATURE_COUNT = FEATURES.length

/** Position of each feature in a candidate's row. */
export const FEATURE_INDEX = Object.fromEntries(FEATURES.map(({ name }, index) => [name, index])) as Record<
  FeatureName,
  number
>

/** Whether a deployment sees a feature. */
export const isObservable = ({ observableTo }: FeatureDefinition, deployment: Deployment): boolean =>
  observableTo.includes(deployment)

function feature<const Name extends string>(
  name: Name,
  unit: string,
  observableTo: readonly Deployment[],
  transform: FeatureDefinition['transform'],
  meaning: string,
) {
  return { name, unit, observableTo, transform, meaning } as const
}
