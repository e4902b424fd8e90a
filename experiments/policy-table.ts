import type { Cell, Metric, Result, Value } from '../reports/schema.ts'
import { describePoint } from './config/load.ts'
import { numberText, tableText } from './text.ts'

/** Metrics that the table shows, with the heading of each. */
const COLUMNS: readonly (readonly [metric: string, heading: string])[] = [
  ['completion_mean_s', 'completion s'],
  ['completion_p95_s', 'p95 s'],
  ['chunk_fetch_mean_ms', 'chunk fetch ms'],
  ['origin_share', 'origin %'],
]

/** Policies against metrics, mean ± half of the 95 % interval; one table a matrix point. */
export function policyTable(result: Result): string {
  const points = new Map<string, Cell[]>()
  for (const cell of result.cells) {
    const point = describePoint(cell.point)
    points.set(point, [...(points.get(point) ?? []), cell])
  }
  return [...points]
    .map(([point, cells]) => `${point === '' ? '' : `${point}\n`}${tableText(rowsOf(result, cells))}`)
    .join('\n\n')
}

function rowsOf(result: Result, cells: readonly Cell[]): string[][] {
  const { baseline, oracle, metrics } = result
  const heading = ['policy', ...COLUMNS.map(([, title]) => title)]
  if (baseline !== null) heading.push(`against ${baseline}`)
  if (oracle !== null && baseline !== null) heading.push('of oracle gain')
  const rows = cells.map((cell) => {
    const values = new Map(cell.values.map((value) => [value.metric, value]))
    const row = [cell.policy]
    for (const [name] of COLUMNS)
      row.push(
        estimateText(
          values.get(name),
          metrics.find((metric) => metric.name === name),
        ),
      )
    const first = values.get(COLUMNS[0][0])
    if (baseline !== null) row.push(differenceText(first))
    if (oracle !== null && baseline !== null) row.push(shareText(first?.shareOfOracleGain ?? null))
    return row
  })
  return [heading, ...rows]
}

function estimateText(value: Value | undefined, metric: Metric | undefined): string {
  if (!value || value.mean === null) return '–'
  const scale = metric?.unit === 'share' ? 100 : 1
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
