import { estimate, mean, meanInterval95, ratioInterval95, type Interval } from './estimates.ts'
import type { Comparison, Estimate } from './schema.ts'

type Values = readonly (number | null)[]

// Replication i of every policy ran on the same random numbers, so values are compared index by index.
function completePairs(columns: readonly Values[]): number[][] {
  const complete: number[][] = columns.map(() => [])
  for (let i = 0; i < columns[0].length; i++) {
    const row = columns.map((column) => column[i] ?? null)
    if (row.some((value) => value === null)) continue
    row.forEach((value, k) => complete[k].push(value as number))
  }
  return complete
}

/** Whether the interval lies entirely on one side of 0. */
export function excludesZero(interval: Interval | null): boolean {
  return interval !== null && (interval[0] > 0 || interval[1] < 0)
}

/** Paired difference (policy - baseline) by replication; null where no replication gave both values. */
export function pairedComparison(policy: Values, baseline: Values, baselineLabel: string): Comparison | null {
  const [p, b] = completePairs([policy, baseline])
  if (p.length === 0) return null
  const differences = p.map((value, i) => value - b[i])
  const ci95 = meanInterval95(differences)
  const baselineMean = mean(b)
  return {
    baseline: baselineLabel,
    meanDifference: mean(differences),
    ci95,
    relative: baselineMean > 0 ? mean(differences) / baselineMean : null,
    relativeCi95: baselineMean > 0 ? ratioInterval95(differences, b) : null,
    significant: excludesZero(ci95),
  }
}

/**
 * Share of the oracle's gain over the baseline that a policy captures, as a ratio of paired means with Fieller's
 * interval: (baseline - policy) / (baseline - oracle). Null where the oracle's mean is no better than the
 * baseline's; the interval is null where the oracle's gain cannot be told from 0.
 */
export function shareOfOracleGain(
  policy: Values,
  baseline: Values,
  oracle: Values,
  better: 'lower' | 'higher',
): Estimate | null {
  const [p, b, o] = completePairs([policy, baseline, oracle])
  if (p.length === 0) return null
  const sign = better === 'lower' ? 1 : -1
  const gains = p.map((value, i) => sign * (b[i] - value))
  const oracleGains = o.map((value, i) => sign * (b[i] - value))
  if (!(mean(oracleGains) > 0)) return null
  return {
    mean: mean(gains) / mean(oracleGains),
    ci95: ratioInterval95(gains, oracleGains),
    n: p.length,
  }
}

/**
 * Indices of the policies whose mean is the best or cannot be told from the best: the paired 95 % interval of the
 * difference to the best holds 0. Empty where all are alike, or nothing is known.
 */
export function bestIndices(columns: readonly Values[], better: 'lower' | 'higher' | 'neither'): number[] {
  if (better === 'neither') return []
  const sign = better === 'lower' ? 1 : -1
  const costs = columns.map((column) => {
    const { mean: value } = estimate(column)
    return value === null ? Infinity : sign * value
  })
  const lowest = Math.min(...costs)
  if (!Number.isFinite(lowest)) return []
  const best = costs.indexOf(lowest)
  const known = costs.flatMap((cost, i) => (Number.isFinite(cost) ? [i] : []))
  const winners = known.filter((i) => {
    const comparison = pairedComparison(columns[i], columns[best], 'best')
    if (i === best || comparison === null) return i === best
    return comparison.ci95 === null ? costs[i] === lowest : !comparison.significant
  })
  return winners.length === known.length ? [] : winners
}
