import { normalQuantile } from './normal-quantile.ts'
import { REGIONS, REGION_RTT_MS, type Region } from './region-rtt.ts'
import { power } from '../peer/protocol/powers.ts'

/** Where hosts live unless a config says otherwise: an assumption, after the spread of Internet users. */
export const DEFAULT_REGION_WEIGHTS: Readonly<Record<Region, number>> = {
  africa: 0.03,
  'east-asia': 0.14,
  'eu-east': 0.1,
  'eu-west': 0.25,
  latam: 0.1,
  mideast: 0.03,
  'na-east': 0.16,
  'na-west': 0.09,
  oceania: 0.03,
  'south-asia': 0.07,
}

const COUNT = REGIONS.length
const INDEX = new Map<string, number>(REGIONS.map((region, index) => [region, index]))
const P10 = new Float64Array(COUNT * COUNT)
const P50 = new Float64Array(COUNT * COUNT)
const P90 = new Float64Array(COUNT * COUNT)
for (const [from, to, p10, p50, p90] of REGION_RTT_MS) {
  for (const cell of [cellOf(from, to), cellOf(to, from)]) {
    P10[cell] = p10
    P50[cell] = p50
    P90[cell] = p90
  }
}

/** z of the 90th percentile of the standard normal distribution. */
const Z90 = 1.2815515655446004
/** Draws are cut here (0.5 % at each end), where the data says nothing any more. */
const Z_LIMIT = 2.5758293035489004

/** Typical round-trip time between two regions in milliseconds, last miles not counted; NaN where one is unknown. */
export function rttEstimateMs(fromRegion: string, toRegion: string): number {
  const cell = cellOf(fromRegion, toRegion)
  return Number.isNaN(cell) ? NaN : P50[cell]
}

/**
 * Round-trip time of one pair of hosts in milliseconds, last miles not counted: the `quantile` (0 to 1) of a log-normal
 * distribution whose two halves are fitted to p10, p50 and p90. NaN where a region is unknown.
 */
export function rttQuantileMs(fromRegion: string, toRegion: string, quantile: number): number {
  const cell = cellOf(fromRegion, toRegion)
  if (Number.isNaN(cell)) return NaN
  const z = Math.max(-Z_LIMIT, Math.min(Z_LIMIT, normalQuantile(quantile)))
  const median = P50[cell]
  return z < 0 ? median * power(P10[cell] / median, -z / Z90) : median * power(P90[cell] / median, z / Z90)
}

function cellOf(from: string, to: string): number {
  return (INDEX.get(from) ?? NaN) * COUNT + (INDEX.get(to) ?? NaN)
}
