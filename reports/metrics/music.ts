import type { Distribution, Metric } from '../schema.ts'

const PLAYBACK = 'Playback'
const SOURCES = 'Sources'
const LISTENING = 'Listening'

export const MUSIC_METRICS: readonly Metric[] = [
  {
    name: 'server_share',
    label: 'Bytes heard from the server',
    group: SOURCES,
    unit: 'share',
    better: 'lower',
    primary: true,
    description: 'Share of the bytes heard that the server sent for that play.',
  },
  {
    name: 'start_latency_p50_ms',
    label: 'Median playback latency',
    group: PLAYBACK,
    unit: 'ms',
    better: 'lower',
    primary: true,
    description:
      'From the request for a track to its first sound; half of all plays, cached ones included, took no longer.',
  },
  {
    name: 'start_latency_p90_ms',
    label: '90th percentile playback latency',
    group: PLAYBACK,
    unit: 'ms',
    better: 'lower',
    primary: true,
    description:
      'From the request for a track to its first sound; 90 % of all plays, cached ones included, took no longer.',
  },
  {
    name: 'stutter_share',
    label: 'Plays that stutter',
    group: PLAYBACK,
    unit: 'share',
    better: 'lower',
    primary: true,
    description: 'Share of the plays whose sound broke off at least once for want of data.',
  },
  {
    name: 'peer_share',
    label: 'Bytes heard from peers',
    group: SOURCES,
    unit: 'share',
    better: 'higher',
    primary: true,
    description: 'Share of the bytes heard that other listeners sent for that play.',
  },
  {
    name: 'cache_share',
    label: 'Bytes heard from the cache',
    group: SOURCES,
    unit: 'share',
    better: 'neither',
    primary: false,
    description: 'Share of the bytes heard that the listener had kept from earlier plays.',
  },
  {
    name: 'start_latency_p75_ms',
    label: '75th percentile playback latency',
    group: PLAYBACK,
    unit: 'ms',
    better: 'lower',
    primary: false,
    description:
      'From the request for a track to its first sound; 75 % of all plays, cached ones included, took no longer.',
  },
  {
    name: 'cold_latency_p50_ms',
    label: 'Median latency of cold plays',
    group: PLAYBACK,
    unit: 'ms',
    better: 'lower',
    primary: false,
    description: 'The same over plays of tracks that were neither cached whole nor fetched ahead.',
  },
  {
    name: 'stall_mean_ms',
    label: 'Mean stutter',
    group: PLAYBACK,
    unit: 'ms',
    better: 'lower',
    primary: false,
    description: 'Time without sound of a play that stutters, mean over those plays.',
  },
  {
    name: 'given_up_share',
    label: 'Plays given up',
    group: PLAYBACK,
    unit: 'share',
    better: 'lower',
    primary: false,
    description: 'Share of the plays that their listener gave up because nothing was to be heard.',
  },
  {
    name: 'cached_play_share',
    label: 'Plays from the cache',
    group: LISTENING,
    unit: 'share',
    better: 'neither',
    primary: false,
    description: 'Share of the plays whose track was in the cache as a whole.',
  },
  {
    name: 'prefetched_play_share',
    label: 'Plays fetched ahead',
    group: LISTENING,
    unit: 'share',
    better: 'neither',
    primary: false,
    description: 'Share of the plays of which something had been fetched before they were asked for.',
  },
  {
    name: 'random_access_share',
    label: 'Random accesses',
    group: LISTENING,
    unit: 'share',
    better: 'neither',
    primary: false,
    description: 'Share of the plays that nobody could have foreseen.',
  },
  {
    name: 'top_tracks_share',
    label: 'Plays of the top tracks',
    group: LISTENING,
    unit: 'share',
    better: 'neither',
    primary: false,
    description:
      'Share of the plays that were of the most popular tracks, as many of them as the config says.',
  },
  {
    name: 'plays',
    label: 'Plays',
    group: LISTENING,
    unit: 'count',
    better: 'neither',
    primary: false,
    description: 'Plays that were measured.',
  },
]

export const MUSIC_DISTRIBUTIONS: readonly Distribution[] = [
  {
    name: 'start_latency_ms',
    label: 'Playback latency',
    unit: 'ms',
    covers: null,
    description: 'share of the plays whose first sound came at most so long after the request',
  },
  {
    name: 'cold_latency_ms',
    label: 'Playback latency of cold plays',
    unit: 'ms',
    covers: null,
    description:
      'share of the plays neither cached nor fetched ahead whose first sound came at most so long after the request',
  },
]
