/** Mean; NaN of nothing. */
export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996); NaN of nothing. */
export function quantile(sorted: Float64Array, level: number): number {
  if (sorted.length === 0) return NaN
  const position = level * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}
