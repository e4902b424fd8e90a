import type { Interval } from '../estimates.ts'
import type { Cell, Comparison, Distribution, Metric, Result, Value } from '../schema.ts'
import {
  formatPercent,
  formatPercentInterval,
  formatValue,
  magnitudeOf,
  scaleFor,
  scaleOf,
  withSuffix,
  type Scale,
} from './format.ts'
import { dimensionsOf, valueOf, type MatrixPoint } from './points.ts'
import { policyStyles, type PolicyStyle } from './policies.ts'
import { VERDICTS, verdictOf } from './verdict.ts'

/** A dot with its interval, in the scale of the chart. */
export interface IntervalRow {
  policy: string
  value: number
  interval: Interval | null
  /** Shown beside the dot. */
  text: string
  /** Shown on demand. */
  tip: string
  /** Drawn hollow: cannot be told from the baseline. */
  hollow: boolean
}

/** Rows of one metric at one matrix point: means, paired differences in percent, shares of the oracle's gain. */
export interface MetricRows {
  suffix: string
  means: IntervalRow[]
  differences: IntervalRow[]
  oracleShares: IntervalRow[]
}

/** Distribution of one policy; `shares[i]` of all lie at or below `values[i]`. */
export interface DistributionLine {
  policy: string
  values: number[]
  shares: number[]
}

/** One distribution, a line for each policy that has values. */
export interface DistributionData {
  axis: string
  suffix: string
  lines: DistributionLine[]
}

/** Everything that charts draw at one matrix point; policies best first. */
export interface PointData {
  label: string
  values: Record<string, unknown>
  policies: string[]
  metrics: Record<string, MetricRows>
  /** By name. */
  distributions: Record<string, DistributionData>
  sources: { policy: string; seeds: number; peers: number; origin: number }[]
  lorenz: { policy: string; shares: number[] }[]
}

/** What the page's scripts read. */
export interface ChartData {
  policies: PolicyStyle[]
  points: PointData[]
  dimensions: { path: string; values: unknown[] }[]
  model: { curve: { epoch: number; trainLoss: number; validationLoss: number }[]; bestEpoch: number } | null
  importance: { feature: string; value: number; interval: Interval | null }[]
}

function scaled(interval: Interval | null, factor: number): Interval | null {
  return interval && [interval[0] * factor, interval[1] * factor]
}

function intervalWords(interval: Interval | null, scale: Scale): string {
  if (interval === null) return 'no interval'
  return `95 % interval ${formatValue(interval[0], scale)} to ${formatValue(interval[1], scale)}`
}

function isInconclusive(comparison: Comparison | null): boolean {
  return comparison !== null && comparison.ci95 !== null && !comparison.significant
}

function meanRow(policy: string, metric: Metric, value: Value, scale: Scale): IntervalRow[] {
  if (value.mean === null) return []
  const text = withSuffix(formatValue(value.mean, scale), scale.suffix)
  const verdict = value.vsBaseline && VERDICTS[verdictOf(value.vsBaseline, metric.better)].words
  const lines = [`${policy}: ${text}`, intervalWords(value.ci95, scale), verdict]
  return [
    {
      policy,
      value: value.mean * scale.factor,
      interval: scaled(value.ci95, scale.factor),
      text,
      tip: lines.filter(Boolean).join('\n'),
      hollow: isInconclusive(value.vsBaseline),
    },
  ]
}

function differenceRow(policy: string, metric: Metric, { vsBaseline }: Value): IntervalRow[] {
  if (!vsBaseline || vsBaseline.relative === null) return []
  const { relative, relativeCi95 } = vsBaseline
  const text = formatPercent(relative, true)
  const interval = relativeCi95 ? `95 % interval ${formatPercentInterval(relativeCi95, true)}` : 'no interval'
  return [
    {
      policy,
      value: relative * 100,
      interval: scaled(relativeCi95, 100),
      text,
      tip: [`${policy}: ${text}`, interval, VERDICTS[verdictOf(vsBaseline, metric.better)].words].join('\n'),
      hollow: isInconclusive(vsBaseline),
    },
  ]
}

// The baseline keeps its place among the policies, so that rows stay where they are in the chart of means.
function withBaseline(
  policies: readonly string[],
  rows: readonly IntervalRow[],
  baseline: string | null,
): IntervalRow[] {
  const byPolicy = new Map(rows.map((row) => [row.policy, row]))
  if (baseline !== null && rows.length > 0) {
    const tip = `${baseline}: what the others are compared with`
    byPolicy.set(baseline, {
      policy: baseline,
      value: 0,
      interval: null,
      text: 'baseline',
      tip,
      hollow: false,
    })
  }
  return policies.flatMap((policy) => byPolicy.get(policy) ?? [])
}

function oracleRow(policy: string, { shareOfOracleGain: share, n }: Value): IntervalRow[] {
  if (!share || share.mean === null || (share.ci95 === null && n > 1)) return []
  const percent = formatPercent(share.mean, false, 0)
  const text = share.ci95 ? `${percent} ${formatPercentInterval(share.ci95, false, 0)}` : percent
  return [
    {
      policy,
      value: share.mean * 100,
      interval: scaled(share.ci95, 100),
      text,
      tip: `${policy}: ${percent} of the oracle’s gain\n${share.ci95 ? `95 % interval ${formatPercentInterval(share.ci95, false, 0)}` : 'no interval'}`,
      hollow: share.ci95 !== null && share.ci95[0] <= 0 && share.ci95[1] >= 0,
    },
  ]
}

function metricRows(result: Result, metric: Metric, cells: readonly Cell[]): MetricRows {
  const scale = metricScale(result, metric)
  const values = cells.flatMap((cell) => {
    const value = valueOf(cell, metric.name)
    return value ? [{ policy: cell.policy, value }] : []
  })
  const differences = values.flatMap(({ policy, value }) => differenceRow(policy, metric, value))
  return {
    suffix: scale.suffix,
    means: values.flatMap(({ policy, value }) => meanRow(policy, metric, value, scale)),
    differences: withBaseline(
      values.map(({ policy }) => policy),
      differences,
      result.baseline,
    ),
    oracleShares: values.flatMap(({ policy, value }) => oracleRow(policy, value)),
  }
}

function distributionData(
  result: Result,
  cells: readonly Cell[],
  { name, label, unit, covers }: Distribution,
): DistributionData {
  const curve = ({ distributions }: Cell): number[] => distributions[name] ?? []
  // What never came is part of the curve: it levels off at the share that did come.
  const reach = (cell: Cell): number => (covers === null ? 1 : (valueOf(cell, covers)?.mean ?? 1))
  const { factor, suffix } = scaleFor(unit, magnitudeOf(cells.map((cell) => curve(cell)[95] ?? null)))
  const lines = cells
    .filter((cell) => curve(cell).length > 0)
    .map((cell) => ({
      policy: cell.policy,
      values: curve(cell).map((value) => value * factor),
      shares: result.quantileLevels.map((level) => level * reach(cell) * 100),
    }))
  return { axis: label, suffix, lines }
}

/** Scale of a metric over all cells, so that matrix points can be compared by eye. */
export function metricScale(result: Result, metric: Metric): Scale {
  return scaleOf(
    metric.unit,
    result.cells.flatMap((cell) => valueOf(cell, metric.name) ?? []),
  )
}

/** Collects what the charts need. */
export function chartData(result: Result, points: readonly MatrixPoint[]): ChartData {
  return {
    policies: policyStyles(result),
    points: points.map(({ label, values, cells }) => ({
      label,
      values,
      policies: cells.map(({ policy }) => policy),
      metrics: Object.fromEntries(
        result.metrics.map((metric) => [metric.name, metricRows(result, metric, cells)]),
      ),
      distributions: Object.fromEntries(
        result.distributions.map((each) => [each.name, distributionData(result, cells, each)]),
      ),
      sources: cells.map(({ policy, sourceBytes }) => ({ policy, ...sourceBytes })),
      lorenz: cells
        .filter(({ uploadLorenz }) => uploadLorenz.length > 0)
        .map(({ policy, uploadLorenz }) => ({ policy, shares: uploadLorenz.map((share) => share * 100) })),
    })),
    dimensions: dimensionsOf(result),
    model: result.model && { curve: result.model.curve, bestEpoch: result.model.bestEpoch },
    importance: (result.model?.importance ?? []).map(({ feature, lossIncrease, ci95 }) => ({
      feature,
      value: lossIncrease,
      interval: ci95,
    })),
  }
}
