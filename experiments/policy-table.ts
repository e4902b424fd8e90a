import type { Cell, Metric, Result, Value } from '../reports/schema.ts'
import { pointValueText } from '../reports/point-text.ts'
import { numberText, tableText } from './text.ts'

/** Most metrics that the table shows: the first of the primary ones. */
const MOST_COLUMNS = 4

/** Policies against metrics, mean ± half of the 95 % interval; one table a matrix point. */
export function policyTable(result: Result): string {
  const points = new Map<string, Cell[]>()
  for (const cell of result.cells) {
    const point = pointText(cell.point)
    points.set(point, [...(points.get(point) ?? []), cell])
  }
  return [...points]
    .map(([point, cells]) => `${point === '' ? '' : `${point}\n`}${tableText(rowsOf(result, cells))}`)
    .join('\n\n')
}

const pointText = (point: Cell['point']): string =>
  Object.entries(point)
    .map(([path, value]) => `${path} = ${pointValueText(value)}`)
    .join(', ')

function rowsOf(result: Result, cells: readonly Cell[]): string[][] {
  const { baseline, oracle } = result
  const columns = result.metrics.filter(({ primary }) => primary).slice(0, MOST_COLUMNS)
  const heading = ['policy', ...columns.map(headingOf)]
  if (baseline !== null) heading.push(`against ${baseline}`)
  if (oracle !== null && baseline !== null) heading.push('of oracle gain')
  const rows = cells.map((cell) => {
    const values = new Map(cell.values.map((value) => [value.metric, value]))
    const row = [cell.policy]
    for (const metric of columns) row.push(estimateText(values.get(metric.name), metric))
    const first = values.get(columns[0]?.name)
    if (baseline !== null) row.push(differenceText(first))
    if (oracle !== null && baseline !== null) row.push(shareText(first?.shareOfOracleGain ?? null))
    return row
  })
  return [heading, ...rows]
}

/** The metric's name with its unit as the last word. */
function headingOf({ name, unit }: Metric): string {
  return name
    .replace(/_bps$/, '_B/s')
    .replace(/_share$/, unit === 'share' ? '_%' : '_share')
    .replaceAll('_', ' ')
}

function estimateText(value: Value | undefined, metric: Metric): string {
  if (!value || value.mean === null) return '–'
  const scale = metric.unit === 'share' ? 100 : 1
  const mean = numberText(value.mean * scale, 4)
  if (value.ci95 === null) return mean
  return `${mean} ± ${numberText(((value.ci95[1] - value.ci95[0]) / 2) * scale, 2)}`
}

/** Relative difference of the first metric; `?` where its interval includes no difference. */
function differenceText(value: Value | undefined): string {
  const comparison = value?.vsBaseline
  if (!comparison || comparison.relative === null) return '–'
  const sign = comparison.relative > 0 ? '+' : ''
  return `${sign}${(100 * comparison.relative).toFixed(1)} %${comparison.significant ? '' : ' ?'}`
}

function shareText(share: Value['shareOfOracleGain']): string {
  return share === null || share.mean === null ? '–' : `${(100 * share.mean).toFixed(0)} %`
}
