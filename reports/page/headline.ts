import { bestIndices, pairedComparison } from '../paired.ts'
import type { Cell, Comparison, Estimate, Metric, Result, Value } from '../schema.ts'
import { formatPercent, formatPercentInterval, formatValue, scaleFor, scaleOf, withSuffix } from './format.ts'
import { html, type Content, type Html } from './html.ts'
import { primaryMetrics, valueOf, type MatrixPoint } from './points.ts'
import { usesModel } from './policies.ts'
import { verdictOf, type Verdict } from './verdict.ts'

const bold = (text: string): Html => html`<strong>${text}</strong>`

function inWords(metric: Metric): string {
  return metric.label.charAt(0).toLowerCase() + metric.label.slice(1)
}

function shown(value: Value, metric: Metric): string {
  const scale = scaleOf(metric.unit, [value])
  return withSuffix(formatValue(value.mean, scale), scale.suffix)
}

/** The policy that the headline speaks of: the one with a model, else the best that is neither baseline nor oracle. */
function focusOf(result: Result, point: MatrixPoint): Cell | undefined {
  const contenders = point.cells.filter(
    ({ policy }) => policy !== result.baseline && policy !== result.oracle,
  )
  return contenders.find((cell) => usesModel(cell.policy, cell.policySpec)) ?? contenders[0]
}

function sizeOf({ relative, relativeCi95, meanDifference }: Comparison, metric: Metric): string {
  if (relative === null) {
    const scale = scaleFor(metric.unit, meanDifference)
    return withSuffix(formatValue(Math.abs(meanDifference), scale), scale.suffix)
  }
  if (relativeCi95 === null) return formatPercent(Math.abs(relative))
  const [low, high] = relative < 0 ? [-relativeCi95[1], -relativeCi95[0]] : relativeCi95
  return `${formatPercent(Math.abs(relative))} ${formatPercentInterval([low, high])}`
}

function oracleClause(share: Estimate | null): Content {
  if (share === null || share.mean === null) return null
  const percent = formatPercent(share.mean, false, 0)
  if (share.ci95) {
    return html`, and captured <b>${percent} ${formatPercentInterval(share.ci95, false, 0)}</b> of the
      oracle’s gain`
  }
  return share.n > 1 ? '; the oracle’s own gain is too uncertain to say which share of it was captured' : null
}

function againstBaseline(cell: Cell, metric: Metric, value: Value, comparison: Comparison): Html {
  const [policy, baseline] = [bold(cell.policy), bold(comparison.baseline)]
  const size = sizeOf(comparison, metric)
  const lowered = comparison.meanDifference < 0
  const name = inWords(metric)
  const level = shown(value, metric)
  switch (verdictOf(comparison, metric.better)) {
    case 'better':
      return html`${policy} ${lowered ? 'lowered' : 'raised'} ${name} by <b>${size}</b> against ${baseline},
        to ${level}${oracleClause(value.shareOfOracleGain)}.`
    case 'worse':
      return html`${policy} ${lowered ? 'lowered' : 'raised'} ${name} by <b>${size}</b> against ${baseline},
        to ${level}: it is worse.`
    case 'differs':
      return html`${policy} ${lowered ? 'lowered' : 'raised'} ${name} by <b>${size}</b> against ${baseline}.`
    case 'inconclusive':
      return html`Inconclusive: the interval of the difference between ${policy} and ${baseline} in ${name}
      includes 0 (${lowered ? 'lower' : 'higher'} by ${size}).`
    case 'single':
      return html`In a single replication, ${name} under ${policy} was ${size} ${lowered ? 'lower' : 'higher'}
      than under ${baseline}. Without more replications there is no interval, so nothing can be concluded.`
  }
}

/** How the focus stands against the best of the other policies, baseline and oracle aside: random is easily beaten. */
function againstBestKnown(result: Result, point: MatrixPoint, metric: Metric, focus: Cell): Html | null {
  const value = valueOf(focus, metric.name)
  const others = point.cells.filter(
    ({ policy }) => policy !== focus.policy && policy !== result.baseline && policy !== result.oracle,
  )
  const best = others[0]
  const bestValue = best && valueOf(best, metric.name)
  if (metric.better === 'neither' || !value || !bestValue || value.n < 2) return null
  const comparison = pairedComparison(value.perReplication, bestValue.perReplication, best.policy)
  if (!comparison || comparison.ci95 === null) return null
  const [policy, other] = [bold(focus.policy), bold(best.policy)]
  const size = sizeOf(comparison, metric)
  const direction = comparison.meanDifference < 0 ? 'lower' : 'higher'
  const verdict = verdictOf(comparison, metric.better)
  return verdict === 'inconclusive'
    ? html`Against ${other}, the best of the other policies, ${policy} is inconclusive: ${direction} by
      ${size}.`
    : html`Against ${other}, the best of the other policies, ${policy} is ${verdict}: ${direction} by
        <b>${size}</b>.`
}

function bestSentence(result: Result, point: MatrixPoint, metric: Metric): Html | null {
  if (metric.better === 'neither') return null
  const cells = point.cells.filter(({ policy }) => policy !== result.oracle)
  const values = cells.map((cell) => valueOf(cell, metric.name))
  if (cells.length < 2 || typeof values[0]?.mean !== 'number') return null
  const winners = bestIndices(
    values.map((value) => value?.perReplication ?? []),
    metric.better,
  )
  const except = result.oracle === null ? '' : ' apart from the oracle'
  const extreme = metric.better === 'lower' ? 'Lowest' : 'Highest'
  const tied = winners.length > 1 ? winners.filter((i) => i !== 0).map((i) => bold(cells[i].policy)) : []
  const rest = tied.flatMap((name, i): Content[] =>
    i === 0 ? [name] : [i === tied.length - 1 ? ' and ' : ', ', name],
  )
  if (winners.length === 0) return html`No policy${except} stands out in ${inWords(metric)}.`
  return html`${extreme} ${inWords(metric)}${except}: ${bold(cells[0].policy)},
  ${shown(values[0], metric)}${rest.length > 0 ? html`; ${rest} cannot be told from it` : ''}.`
}

function comparisons(result: Result, point: MatrixPoint, metric: Metric): Verdict[] {
  return point.cells
    .filter(({ policy }) => policy !== result.oracle)
    .flatMap((cell) => valueOf(cell, metric.name)?.vsBaseline ?? [])
    .map((comparison) => verdictOf(comparison, metric.better))
}

function tally(verdicts: readonly Verdict[]): string {
  const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length
  return `${count('better')} better, ${count('worse')} worse, ${count('inconclusive')} inconclusive`
}

/** What one matrix point shows for the headline metric, in sentences. */
export function pointFindings(result: Result, point: MatrixPoint): Html[] {
  const [metric] = primaryMetrics(result)
  if (!metric) return [html`No run gave a value of any metric.`]
  const focus = focusOf(result, point)
  const value = focus && valueOf(focus, metric.name)
  const findings: (Html | null)[] = []
  if (focus && value?.vsBaseline) findings.push(againstBaseline(focus, metric, value, value.vsBaseline))
  if (focus) findings.push(againstBestKnown(result, point, metric, focus))
  findings.push(bestSentence(result, point, metric))
  const [lone] = point.cells
  const loneValue = point.cells.length === 1 && valueOf(lone, metric.name)
  if (loneValue && loneValue.mean !== null)
    findings.push(
      html`Under ${bold(lone.policy)}, ${inWords(metric)} was <b>${shown(loneValue, metric)}</b>.`,
    )
  const verdicts = comparisons(result, point, metric)
  if (verdicts.length > 1 && !verdicts.includes('single')) {
    findings.push(
      html`Against ${bold(result.baseline!)}, of ${verdicts.length} policies: ${tally(verdicts)}.`,
    )
  }
  return findings.filter((finding) => finding !== null)
}

/** What the whole result shows for the headline metric, in sentences. */
export function findingsOf(result: Result, points: readonly MatrixPoint[]): Html[] {
  if (points.length === 1) return pointFindings(result, points[0])
  const [metric] = primaryMetrics(result)
  if (points.length === 0 || !metric) return [html`There is nothing to report: no run gave a value.`]
  const focus = focusOf(result, points[0])?.policy
  const compared = points.flatMap((point) => {
    const cell = point.cells.find(({ policy }) => policy === focus)
    return (cell && valueOf(cell, metric.name)?.vsBaseline) ?? []
  })
  if (!focus || compared.length === 0) return [html`${points.length} matrix points; choose one below.`]
  const relatives = compared.flatMap(({ relative }) => relative ?? [])
  const range =
    relatives.length > 0 &&
    html`; the difference ranges from <b>${formatPercent(Math.min(...relatives), true)}</b> to
      <b>${formatPercent(Math.max(...relatives), true)}</b>`
  const verdicts = compared.map((comparison) => verdictOf(comparison, metric.better))
  const counted = verdicts.includes('single')
    ? 'one replication each, so nothing can be concluded'
    : tally(verdicts)
  return [
    html`Over ${compared.length} matrix points, ${bold(focus)} against ${bold(compared[0].baseline)} in
    ${inWords(metric)}: ${counted}${range}.`,
  ]
}
