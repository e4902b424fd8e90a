import type { Sample } from './measures.ts'

/** Quantiles of type 7 (Hyndman and Fan 1996; the default of R and NumPy); empty for no values. */
export function quantiles(values: ArrayLike<number>, levels: readonly number[]): number[] {
  if (values.length === 0) return []
  const sorted = Float64Array.from(values).sort()
  return levels.map((level) => {
    const rank = level * (sorted.length - 1)
    const below = Math.floor(rank)
    const value = sorted[below]
    return rank === below ? value : value + (rank - below) * (sorted[below + 1] - value)
  })
}

/**
 * Reduces many values to at most `limit` points, each standing for the same number of values, so that large runs
 * stay small on their way to the summary. Keeps the smallest and the largest value.
 */
export function thinned(values: ArrayLike<number>, limit = 4096): Sample {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length <= limit) return { count: sorted.length, points: sorted }
  const step = (sorted.length - 1) / (limit - 1)
  const points = Float64Array.from({ length: limit }, (_, i) => sorted[Math.round(i * step)])
  return { count: sorted.length, points }
}

/**
 * Quantiles of type 7 of several samples together. A point stands for count / points.length values; where all
 * samples are complete the result is exact.
 */
export function pooledQuantiles(samples: readonly Sample[], levels: readonly number[]): number[] {
  const total = samples.reduce((sum, { points }) => sum + points.length, 0)
  const values = new Float64Array(total)
  const weights = new Float64Array(total)
  let filled = 0
  for (const { count, points } of samples) {
    weights.fill(count / points.length, filled, filled + points.length)
    values.set(points, filled)
    filled += points.length
  }
  return weights.every((weight) => weight === 1)
    ? quantiles(values, levels)
    : weightedQuantiles(values, weights, levels)
}

// Type 7 with every value repeated as often as its weight says.
function weightedQuantiles(values: Float64Array, weights: Float64Array, levels: readonly number[]): number[] {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b)
  const ascending = levels.map((_, i) => i).sort((a, b) => levels[a] - levels[b])
  const lastRank = weights.reduce((sum, weight) => sum + weight, 0) - 1
  const last = order.length - 1
  const result: number[] = new Array(levels.length)
  // Ranks count from 0: the k-th value holds the ranks from `before` to `before + weight - 1`.
  let k = 0
  let before = 0
  for (const index of ascending) {
    const rank = levels[index] * lastRank
    while (k < last && before + weights[order[k]] <= rank) before += weights[order[k++]]
    const value = values[order[k]]
    const beyond = rank - (before + weights[order[k]] - 1)
    result[index] = beyond <= 0 || k === last ? value : value + beyond * (values[order[k + 1]] - value)
  }
  return result
}
