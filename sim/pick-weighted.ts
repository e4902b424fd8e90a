/** The item at `quantile` (0 to 1) of the weights' cumulative distribution. At least one weight is above 0. */
export function pickWeighted<T>(items: readonly T[], weightOf: (item: T) => number, quantile: number): T {
  let left = quantile * items.reduce((sum, item) => sum + weightOf(item), 0)
  for (const item of items) {
    left -= weightOf(item)
    if (left < 0) return item
  }
  return items.findLast((item) => weightOf(item) > 0)!
}
