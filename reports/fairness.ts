/**
 * Jain's fairness index (Σx)² / (n Σx²): 1 when all loads are equal, 1/n when one carries everything; null for no
 * values or no load at all.
 */
export function jainIndex(loads: ArrayLike<number>): number | null {
  let sum = 0
  let squares = 0
  for (let i = 0; i < loads.length; i++) {
    sum += loads[i]
    squares += loads[i] * loads[i]
  }
  return squares > 0 ? (sum * sum) / (loads.length * squares) : null
}

/**
 * Points of the Lorenz curve: the share of the total load carried by the least loaded 0, 1/steps, … 1 of the
 * bearers, linear between bearers; empty for no load.
 */
export function lorenzCurve(loads: ArrayLike<number>, steps = 20): number[] {
  const sorted = Float64Array.from(loads).sort()
  const cumulative = new Float64Array(sorted.length + 1)
  for (let i = 0; i < sorted.length; i++) cumulative[i + 1] = cumulative[i] + sorted[i]
  const total = cumulative[sorted.length]
  if (!(total > 0)) return []
  return Array.from({ length: steps + 1 }, (_, step) => {
    const at = (step / steps) * sorted.length
    const below = Math.floor(at)
    const next = Math.min(below + 1, sorted.length)
    return (cumulative[below] + (at - below) * (cumulative[next] - cumulative[below])) / total
  })
}

/** Gini coefficient: 0 when all loads are equal, 1 - 1/n when one carries everything; null for no load. */
export function gini(loads: ArrayLike<number>): number | null {
  const sorted = Float64Array.from(loads).sort()
  const n = sorted.length
  let total = 0
  let ranked = 0
  for (let i = 0; i < n; i++) {
    total += sorted[i]
    ranked += (2 * i + 1 - n) * sorted[i]
  }
  return total > 0 ? ranked / (n * total) : null
}
