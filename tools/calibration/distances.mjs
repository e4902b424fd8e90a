// How far apart two samples are, and what a matrix of round-trip times looks like.

/** Value at a share (0 to 1) of sorted values. @param {ArrayLike<number>} sorted @param {number} share */
export const quantileOf = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]

/** @param {Iterable<number>} values */
export const sorted = (values) => Float64Array.from(values).sort()

/** @param {ArrayLike<number>} values */
export function meanOf(values) {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}

/** Standard deviation. @param {ArrayLike<number>} values */
export function deviationOf(values) {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(Array.from(values, (value) => (value - mean) ** 2)))
}

/**
 * Kolmogorov and Smirnov: the greatest distance between the distribution functions of two sorted samples.
 * @param {ArrayLike<number>} one @param {ArrayLike<number>} other
 */
export function kolmogorovSmirnov(one, other) {
  let [i, j, distance] = [0, 0, 0]
  while (i < one.length && j < other.length) {
    const value = Math.min(one[i], other[j])
    while (one[i] <= value) i++
    while (other[j] <= value) j++
    distance = Math.max(distance, Math.abs(i / one.length - j / other.length))
  }
  return distance
}

/**
 * Wasserstein: the area between the distribution functions of two sorted samples, in the values' unit.
 * @param {ArrayLike<number>} one @param {ArrayLike<number>} other
 */
export function wasserstein(one, other) {
  let [i, j, area, last] = [0, 0, 0, NaN]
  while (i < one.length || j < other.length) {
    const value = Math.min(one[i] ?? Infinity, other[j] ?? Infinity)
    if (!Number.isNaN(last)) area += (value - last) * Math.abs(i / one.length - j / other.length)
    while (one[i] <= value) i++
    while (other[j] <= value) j++
    last = value
  }
  return area
}

/** Entries above the diagonal that were measured, sorted. @param {number[][]} matrix */
export const pairsOf = (matrix) =>
  sorted(matrix.flatMap((row, from) => row.filter((value, to) => to > from && value > 0)))

/**
 * Share of the pairs with a third node between them (all measured) that are nearer by way of it.
 * @param {number[][]} matrix
 */
export function triangleViolationShare(matrix) {
  let [triangles, violations] = [0, 0]
  for (let a = 0; a < matrix.length; a++)
    for (let b = a + 1; b < matrix.length; b++)
      for (let c = b + 1; c < matrix.length; c++) {
        const [ab, bc, ac] = [matrix[a][b], matrix[b][c], matrix[a][c]]
        if (!(ab > 0 && bc > 0 && ac > 0)) continue
        triangles++
        // One side at most is longer than the two others together.
        if (ab > bc + ac || bc > ab + ac || ac > ab + bc) violations++
      }
  return violations / (3 * triangles)
}

/**
 * What each node adds to its round-trip times: the median, over all pairs of others, of (rtt to one + rtt to the other - rtt
 * between them) / 2, which is exact where round-trip times are sums of the nodes' parts.
 * @param {number[][]} matrix
 */
export function nodeParts(matrix) {
  return matrix.map((row, node) => {
    const estimates = []
    for (let one = 0; one < matrix.length; one++)
      for (let other = one + 1; other < matrix.length; other++) {
        const between = matrix[one][other]
        if (one === node || other === node || !(row[one] > 0 && row[other] > 0 && between > 0)) continue
        estimates.push((row[one] + row[other] - between) / 2)
      }
    return quantileOf(sorted(estimates), 0.5)
  })
}
