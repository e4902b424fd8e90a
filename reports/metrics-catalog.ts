import { COMMON_DISTRIBUTIONS, COMMON_METRICS } from './metrics/common.ts'
import { DOWNLOAD_DISTRIBUTIONS, DOWNLOAD_METRICS } from './metrics/download.ts'
import { LIVE_DISTRIBUTIONS, LIVE_METRICS } from './metrics/live.ts'
import { MUSIC_DISTRIBUTIONS, MUSIC_METRICS } from './metrics/music.ts'
import { ROOMS_DISTRIBUTIONS, ROOMS_METRICS } from './metrics/rooms.ts'
import type { Distribution, Metric } from './schema.ts'

interface Catalogue {
  readonly metrics: readonly Metric[]
  readonly distributions: readonly Distribution[]
}

const WORKLOADS: Readonly<Record<string, Catalogue>> = {
  download: { metrics: DOWNLOAD_METRICS, distributions: DOWNLOAD_DISTRIBUTIONS },
  live: { metrics: LIVE_METRICS, distributions: LIVE_DISTRIBUTIONS },
  music: { metrics: MUSIC_METRICS, distributions: MUSIC_DISTRIBUTIONS },
  rooms: { metrics: ROOMS_METRICS, distributions: ROOMS_DISTRIBUTIONS },
}

/** Every metric and distribution of a workload, in the order in which reports show them: its own first. */
export function catalogueOf(workload: string): Catalogue {
  const { metrics, distributions } = WORKLOADS[workload]
  return {
    metrics: [...metrics, ...COMMON_METRICS],
    distributions: [...distributions, ...COMMON_DISTRIBUTIONS],
  }
}
