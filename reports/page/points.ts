import type { Cell, Metric, Result, Value } from '../schema.ts'
import { pointValueText } from '../point-text.ts'
import { pointKey } from '../summary.ts'

/** All policies at one matrix point. */
export interface MatrixPoint {
  /** Position in the result, from 0. */
  index: number
  /** Readable name: path = value, …; empty without a matrix. */
  label: string
  values: Record<string, unknown>
  /** Cells, best first by the headline metric. */
  cells: Cell[]
}

/** A matrix path that takes more than one value. */
export interface Dimension {
  path: string
  values: unknown[]
}

/** Value of a metric in a cell; undefined where the cell does not have it. */
export function valueOf(cell: Cell, metric: string): Value | undefined {
  return cell.values.find((value) => value.metric === metric)
}

/** The primary metrics that some cell has a value of, at least one where there are any values at all. */
export function primaryMetrics(result: Result): Metric[] {
  const known = result.metrics.filter((metric) =>
    result.cells.some((cell) => typeof valueOf(cell, metric.name)?.mean === 'number'),
  )
  const primary = known.filter((metric) => metric.primary)
  return primary.length > 0 ? primary : known.slice(0, 1)
}

/** Paths of the matrix that vary, with their values in order of appearance. */
export function dimensionsOf(result: Result): Dimension[] {
  const paths = new Map<string, Map<string, unknown>>()
  for (const { point } of result.cells) {
    for (const [path, value] of Object.entries(point)) {
      if (!paths.has(path)) paths.set(path, new Map())
      paths.get(path)!.set(JSON.stringify(value), value)
    }
  }
  return [...paths]
    .map(([path, values]) => ({ path, values: [...values.values()] }))
    .filter(({ values }) => values.length > 1)
}

function byHeadlineMetric(metric: Metric | undefined): (a: Cell, b: Cell) => number {
  if (!metric || metric.better === 'neither') return () => 0
  const sign = metric.better === 'lower' ? 1 : -1
  const cost = (cell: Cell): number => {
    const mean = valueOf(cell, metric.name)?.mean
    return typeof mean === 'number' ? sign * mean : Number.MAX_VALUE
  }
  return (a, b) => cost(a) - cost(b)
}

/** Matrix points in the order of the result; one point without a matrix. */
export function matrixPoints(result: Result): MatrixPoint[] {
  const groups = new Map<string, Cell[]>()
  for (const cell of result.cells) {
    const key = pointKey(cell.point)
    groups.set(key, [...(groups.get(key) ?? []), cell])
  }
  const varying = new Set(dimensionsOf(result).map(({ path }) => path))
  const order = byHeadlineMetric(primaryMetrics(result)[0])
  return [...groups.values()].map((cells, index) => ({
    index,
    label: Object.entries(cells[0].point)
      .filter(([path]) => varying.has(path))
      .map(([path, value]) => `${path} = ${pointValueText(value)}`)
      .join(', '),
    values: cells[0].point,
    cells: cells.toSorted(order),
  }))
}
