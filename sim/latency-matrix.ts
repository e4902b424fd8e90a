import type { DataProblem } from './capacity-trace.ts'

/** How round-trip times between hosts are taken from a measured matrix; plain data. */
export interface LatencyMatrix {
  /** Round-trip times in milliseconds between the nodes of the matrix: symmetric, each above 0. */
  readonly ms: readonly (readonly number[])[]
  /** Which node a host stands at: any with equal chances, or one after the other in the order in which hosts come. */
  readonly nodes: 'random' | 'index'
}

/**
 * The matrix that a simulation can use, from one as measured (milliseconds; 0 for what was not): both directions have their
 * mean, a pair that was not measured has the mean of both nodes' medians, and two hosts at one node are as far from each
 * other as the node is from its nearest neighbour.
 */
export function completeMatrix(measured: readonly (readonly number[])[]): number[][] {
  const medians = measured.map((row) => medianOf(row.filter((ms) => ms > 0)))
  const full = measured.map((row, from) =>
    row.map((ms, to) => {
      const known = [ms, measured[to][from]].filter((value) => value > 0)
      if (known.length === 0) return (medians[from] + medians[to]) / 2
      return known.reduce((sum, value) => sum + value, 0) / known.length
    }),
  )
  full.forEach((row, node) => {
    row[node] = Infinity
    row[node] = Math.min(...row)
  })
  return full
}

/** What is wrong with a matrix; undefined where nothing is. */
export function matrixProblem(ms: LatencyMatrix['ms']): DataProblem | undefined {
  if (ms.length < 2) return { found: `${ms.length} nodes`, allowed: '2 or more' }
  for (const [node, row] of ms.entries()) {
    if (row.length !== ms.length)
      return { found: `row ${node} of ${row.length} entries`, allowed: `${ms.length}` }
    const bad = row.find((value) => !(value > 0 && value < Infinity))
    if (bad !== undefined)
      return { found: `round-trip time ${bad} ms in row ${node}`, allowed: 'more than 0' }
  }
  return undefined
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
