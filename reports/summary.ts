import { estimate } from './estimates.ts'
import { lorenzCurve } from './fairness.ts'
import type { CellPlan, RunMeasure } from './measures.ts'
import { pairedComparison, shareOfOracleGain } from './paired.ts'
import { pooledQuantiles } from './quantiles.ts'
import { QUANTILE_LEVELS, type Cell, type Distribution, type Metric, type Value } from './schema.ts'

/** What `summarise` turns into cells; `baseline` and `oracleLabel` are labels of policies. */
export interface SummaryInput {
  metrics: readonly Metric[]
  distributions: readonly Distribution[]
  runs: readonly RunMeasure[]
  cells: readonly CellPlan[]
  baseline: string | null
  oracleLabel?: string | null
}

/** Text that is the same for equal matrix points, whatever the order of their paths. */
export function pointKey(point: Record<string, unknown>): string {
  return JSON.stringify(Object.entries(point).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

class CellRuns {
  readonly plan: CellPlan
  readonly runs: readonly RunMeasure[]
  readonly #replications: number

  constructor(plan: CellPlan, runs: readonly RunMeasure[], replications: number) {
    this.plan = plan
    this.runs = runs
    this.#replications = replications
  }

  perReplication(name: string): (number | null)[] {
    const values: (number | null)[] = new Array(this.#replications).fill(null)
    for (const run of this.runs) values[run.replication] = run.metrics[name] ?? null
    return values
  }
}

function valueOf(
  metric: Metric,
  cell: CellRuns,
  baseline: CellRuns | undefined,
  oracle: CellRuns | undefined,
): Value {
  const perReplication = cell.perReplication(metric.name)
  const reference = baseline === cell ? undefined : baseline?.perReplication(metric.name)
  const bound = oracle === cell ? undefined : oracle?.perReplication(metric.name)
  const comparison = reference ? pairedComparison(perReplication, reference, baseline!.plan.policy) : null
  const share =
    reference && bound && metric.better !== 'neither'
      ? shareOfOracleGain(perReplication, reference, bound, metric.better)
      : null
  return {
    metric: metric.name,
    ...estimate(perReplication),
    perReplication,
    vsBaseline: comparison,
    shareOfOracleGain: share,
  }
}

function pooled(runs: readonly RunMeasure[], name: string): number[] {
  const samples = runs.flatMap((run) => run.samples[name] ?? [])
  return pooledQuantiles(samples, QUANTILE_LEVELS)
}

// The curves of replications are averaged, not pooled: pooling would count differences between runs as unfairness.
function meanLorenz(runs: readonly RunMeasure[]): number[] {
  const curves = runs.map((run) => lorenzCurve(run.uploadBytes)).filter((curve) => curve.length > 0)
  if (curves.length === 0) return []
  return curves[0].map((_, i) => curves.reduce((sum, curve) => sum + curve[i], 0) / curves.length)
}

function meanSourceBytes(runs: readonly RunMeasure[]): Cell['sourceBytes'] {
  const average = (kind: keyof Cell['sourceBytes']): number =>
    runs.length ? runs.reduce((sum, run) => sum + run.sourceBytes[kind], 0) / runs.length : 0
  return { seeds: average('seeds'), peers: average('peers'), origin: average('origin') }
}

function sumResults(runs: readonly RunMeasure[]): Record<string, number> {
  const totals = new Map<string, number>()
  for (const { results } of runs) {
    for (const [name, count] of Object.entries(results)) totals.set(name, (totals.get(name) ?? 0) + count)
  }
  return Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Cells of the result, in the order of `cells`. Policies are compared at equal matrix points, replication by
 * replication; distributions are pooled over replications.
 */
export function summarise(input: SummaryInput): Cell[] {
  const { metrics, distributions, runs, cells, baseline, oracleLabel = null } = input
  const replications = runs.reduce((most, run) => Math.max(most, run.replication + 1), 0)
  const ordered = runs.toSorted((a, b) => a.replication - b.replication)
  const byCell = groupBy(ordered, (run) => run.cell)
  const all = cells.map((plan) => new CellRuns(plan, byCell.get(plan.cell) ?? [], replications))
  const byPoint = groupBy(all, (cell) => pointKey(cell.plan.point))
  return all.map((cell) => {
    const peers = byPoint.get(pointKey(cell.plan.point))!
    const baselineCell = peers.find((other) => other.plan.policy === baseline)
    const oracleCell = peers.find((other) => other.plan.policy === oracleLabel)
    return {
      cell: cell.plan.cell,
      policy: cell.plan.policy,
      policySpec: cell.plan.policySpec,
      point: cell.plan.point,
      values: metrics.map((metric) => valueOf(metric, cell, baselineCell, oracleCell)),
      distributions: Object.fromEntries(distributions.map(({ name }) => [name, pooled(cell.runs, name)])),
      uploadLorenz: meanLorenz(cell.runs),
      sourceBytes: meanSourceBytes(cell.runs),
      results: sumResults(cell.runs),
    }
  })
}
