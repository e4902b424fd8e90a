import type { Distribution, Metric } from '../schema.ts'

const DOWNLOADS = 'Downloads'

export const DOWNLOAD_METRICS: readonly Metric[] = [
  {
    name: 'completion_mean_s',
    label: 'Mean completion time',
    group: DOWNLOADS,
    unit: 's',
    better: 'lower',
    primary: true,
    description: 'From joining the swarm to the last verified chunk, mean over the peers that finished.',
  },
  {
    name: 'completion_p95_s',
    label: '95th percentile completion time',
    group: DOWNLOADS,
    unit: 's',
    better: 'lower',
    primary: true,
    description: 'Time within which 95 % of the peers that finished had the whole content.',
  },
  {
    name: 'goodput_mean_bps',
    label: 'Mean goodput',
    group: DOWNLOADS,
    unit: 'B/s',
    better: 'higher',
    primary: true,
    description:
      'Verified bytes a second of a peer between joining and finishing, mean over the peers that finished.',
  },
  {
    name: 'completed_share',
    label: 'Peers that finished',
    group: DOWNLOADS,
    unit: 'share',
    better: 'higher',
    primary: false,
    description: 'Share of the peers that got the whole content before they left or the run ended.',
  },
  {
    name: 'bound_ratio',
    label: 'Time against the physical bound',
    group: DOWNLOADS,
    unit: 'ratio',
    better: 'lower',
    primary: false,
    description:
      'Last completion over the minimum distribution time of Kumar and Ross (2006); never below 1.',
  },
]

export const DOWNLOAD_DISTRIBUTIONS: readonly Distribution[] = [
  {
    name: 'completion_ms',
    label: 'Completion time',
    unit: 'ms',
    covers: 'completed_share',
    description: 'share of the peers that had the whole content after so long since joining',
  },
]
