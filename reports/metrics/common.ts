import type { Distribution, Metric } from '../schema.ts'

const FETCHES = 'Chunk fetches'
const TRAFFIC = 'Traffic'
const FAIRNESS = 'Fairness'
const SIMULATION = 'Simulation'

export const COMMON_METRICS: readonly Metric[] = [
  {
    name: 'chunk_fetch_mean_ms',
    label: 'Mean chunk-fetch time',
    group: FETCHES,
    unit: 'ms',
    better: 'lower',
    primary: true,
    description: 'From the request to the verified chunk, mean over the fetches that ended ok.',
  },
  {
    name: 'chunk_fetch_p50_ms',
    label: 'Median chunk-fetch time',
    group: FETCHES,
    unit: 'ms',
    better: 'lower',
    primary: false,
    description: 'Half of the fetches that ended ok took no longer.',
  },
  {
    name: 'chunk_fetch_p95_ms',
    label: '95th percentile chunk-fetch time',
    group: FETCHES,
    unit: 'ms',
    better: 'lower',
    primary: true,
    description: '95 % of the fetches that ended ok took no longer.',
  },
  {
    name: 'failure_share',
    label: 'Failed fetches',
    group: FETCHES,
    unit: 'share',
    better: 'lower',
    primary: false,
    description: 'Share of the fetches that did not end ok; cancellations by the end game do not count.',
  },
  {
    name: 'busy_share',
    label: 'Fetches refused as busy',
    group: FETCHES,
    unit: 'share',
    better: 'lower',
    primary: false,
    description: 'Share of the fetches that the seed turned down because its queue was full.',
  },
  {
    name: 'fetches',
    label: 'Chunk fetches',
    group: FETCHES,
    unit: 'count',
    better: 'neither',
    primary: false,
    description: 'Number of fetches started, retries and end-game duplicates included.',
  },
  {
    name: 'connect_share',
    label: 'Connections that came up',
    group: TRAFFIC,
    unit: 'share',
    better: 'higher',
    primary: false,
    description: 'Share of the attempts between peers that came to a connection.',
  },
  {
    name: 'origin_share',
    label: 'Bytes from the origin',
    group: TRAFFIC,
    unit: 'share',
    better: 'lower',
    primary: true,
    description: 'Share of the payload bytes that the origin had to send.',
  },
  {
    name: 'wasted_share',
    label: 'Wasted bytes',
    group: TRAFFIC,
    unit: 'share',
    better: 'lower',
    primary: false,
    description: 'Bytes of failed and duplicate fetches over all payload bytes.',
  },
  {
    name: 'control_share',
    label: 'Protocol overhead',
    group: TRAFFIC,
    unit: 'share',
    better: 'lower',
    primary: false,
    description: 'Bytes of protocol messages over all bytes sent.',
  },
  {
    name: 'upload_jain',
    label: "Jain's index of upload",
    group: FAIRNESS,
    unit: 'index',
    better: 'higher',
    primary: false,
    description:
      'Evenness of bytes sent over the peers with capacity to send: 1 is even, 1/n is one for all.',
  },
  {
    name: 'upload_gini',
    label: 'Gini coefficient of upload',
    group: FAIRNESS,
    unit: 'index',
    better: 'lower',
    primary: false,
    description: 'Unevenness of bytes sent over the peers with capacity to send: 0 is even.',
  },
  {
    name: 'events',
    label: 'Simulated events',
    group: SIMULATION,
    unit: 'count',
    better: 'neither',
    primary: false,
    description: 'Events that the simulator executed.',
  },
]

export const COMMON_DISTRIBUTIONS: readonly Distribution[] = [
  {
    name: 'chunk_fetch_ms',
    label: 'Chunk-fetch time',
    unit: 'ms',
    covers: null,
    description: 'share of the chunk fetches that ended ok and took at most so long',
  },
]
