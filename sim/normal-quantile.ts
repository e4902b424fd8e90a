/** Inverse of the standard normal distribution (Abramowitz and Stegun 26.2.23, error under 4.5e-4). */
export function normalQuantile(quantile: number): number {
  const tail = Math.max(Math.min(quantile, 1 - quantile), 1e-12)
  const t = Math.sqrt(-2 * Math.log(tail))
  const z =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  return quantile < 0.5 ? -z : z
}
