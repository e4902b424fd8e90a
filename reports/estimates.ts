import { t95 } from './student-t.ts'

/** Two-sided interval: lower end, upper end. */
export type Interval = [number, number]

/** Arithmetic mean; NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Sample covariance (n - 1 in the denominator). */
export function covariance(x: readonly number[], y: readonly number[]): number {
  const meanX = mean(x)
  const meanY = mean(y)
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (x[i] - meanX) * (y[i] - meanY)
  return sum / (x.length - 1)
}

/** Student t 95 % interval of the mean; null for fewer than two values. */
export function meanInterval95(values: readonly number[]): Interval | null {
  const n = values.length
  if (n < 2) return null
  const centre = mean(values)
  const half = t95(n - 1) * Math.sqrt(covariance(values, values) / n)
  return [centre - half, centre + half]
}

/** Mean and 95 % interval of the values that are not null. */
export function estimate(values: readonly (number | null)[]): {
  mean: number | null
  ci95: Interval | null
  n: number
} {
  const known = values.filter((value) => value !== null)
  return { mean: known.length ? mean(known) : null, ci95: meanInterval95(known), n: known.length }
}

/**
 * Fieller's 95 % interval of mean(numerators) / mean(denominators) for paired values. It is exact for normally
 * distributed pairs, also with a handful of them, where a percentile bootstrap is too narrow.
 * Null for fewer than two pairs, and where the mean of the denominators cannot be told from 0, so that the
 * interval would be unbounded.
 * Source: E. C. Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16 (1954).
 */
export function ratioInterval95(
  numerators: readonly number[],
  denominators: readonly number[],
): Interval | null {
  const n = numerators.length
  if (n < 2) return null
  const x = mean(numerators)
  const y = mean(denominators)
  const scale = (t95(n - 1) * t95(n - 1)) / n
  const a = y * y - scale * covariance(denominators, denominators)
  const b = x * y - scale * covariance(numerators, denominators)
  const c = x * x - scale * covariance(numerators, numerators)
  if (!(a > 0)) return null
  const root = Math.sqrt(Math.max(0, b * b - a * c))
  return [(b - root) / a, (b + root) / a]
}
