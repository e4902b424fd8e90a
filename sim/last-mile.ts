import { normalQuantile } from './normal-quantile.ts'

/** Draws are cut here (0.5 % at each end), where nobody measured. */
const Z_LIMIT = 2.5758293035489004

/**
 * One-way delay of one host's last mile: the `quantile` (0 to 1) of a log-normal distribution with mean `meanMs` whose
 * logarithm has a standard deviation of `spread`.
 */
export function lastMileOf(meanMs: number, spread: number, quantile: number): number {
  const z = Math.max(-Z_LIMIT, Math.min(Z_LIMIT, normalQuantile(quantile)))
  return meanMs * Math.exp(spread * z - (spread * spread) / 2)
}
