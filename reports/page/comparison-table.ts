import { bestIndices } from '../paired.ts'
import type { Comparison, Metric, Value } from '../schema.ts'
import { metricScale } from './chart-data.ts'
import {
  formatHalfWidth,
  formatPercent,
  formatPercentInterval,
  formatValue,
  NO_VALUE,
  withSuffix,
  type Scale,
} from './format.ts'
import { html, type Content, type Html } from './html.ts'
import { valueOf, type MatrixPoint } from './points.ts'
import { policyName, scrollingTable, type PageContext } from './section.ts'
import { VERDICTS, verdictOf } from './verdict.ts'

function difference(comparison: Comparison, metric: Metric, scale: Scale): Content {
  const { relative, relativeCi95, meanDifference } = comparison
  const verdict = verdictOf(comparison, metric.better)
  const size =
    relative === null
      ? withSuffix(formatValue(meanDifference, scale, true), scale.suffix)
      : html`${formatPercent(relative, true)}${relativeCi95 && html` <small>${formatPercentInterval(relativeCi95, true)}</small>`}`
  const { mark, words } = VERDICTS[verdict]
  return html`<span class="difference ${verdict}"
    ><span aria-hidden="true">${mark}</span> ${size}<span class="visually-hidden"> ${words}</span></span
  >`
}

function meanText(value: Value, scale: Scale): Content {
  if (value.mean === null) return NO_VALUE
  return html`${formatValue(value.mean, scale)}${value.ci95 && html` <small>± ${formatHalfWidth(value.ci95, scale)}</small>`}`
}

function row(context: PageContext, point: MatrixPoint, metric: Metric): Html {
  const scale = metricScale(context.result, metric)
  const values = point.cells.map((cell) => valueOf(cell, metric.name))
  const inContest = point.cells.flatMap(({ policy }, i) => (policy === context.result.oracle ? [] : [i]))
  const winners = bestIndices(
    inContest.map((i) => values[i]?.perReplication ?? []),
    metric.better,
  ).map((i) => inContest[i])
  const cells = values.map((value, i) => {
    if (!value) return html`<td>${NO_VALUE}</td>`
    const best = winners.includes(i)
    return html`<td${best && html` class="best"`}><span class="mean">${meanText(value, scale)}</span>${
      value.vsBaseline && difference(value.vsBaseline, metric, scale)
    }${best && html`<span class="visually-hidden"> among the best</span>`}</td>`
  })
  const direction = metric.better === 'neither' ? '' : `, ${metric.better} is better`
  const unit = scale.suffix === '×' ? 'ratio' : scale.suffix
  const note = `${unit}${direction}`.replace(/^, /, '')
  return html`<tr>
    <th scope="row" title="${metric.description}">${metric.label} <small>${note}</small></th>
    ${cells}
  </tr>`
}

/** Every metric of every policy at one matrix point. */
export function comparisonTable(context: PageContext, point: MatrixPoint): Html {
  const known = context.result.metrics.filter((metric) =>
    point.cells.some((cell) => typeof valueOf(cell, metric.name)?.mean === 'number'),
  )
  const groups = [...new Set(known.map(({ group }) => group))]
  const columns = point.cells.length + 1
  return scrollingTable(
    'All metrics by policy',
    html`<table class="comparison">
      <thead>
        <tr>
          <th scope="col">Metric</th>
          ${point.cells.map(({ policy }) => html`<th scope="col">${policyName(context, policy)}</th>`)}
        </tr>
      </thead>
      ${groups.map(
        (group) =>
          html`<tbody>
            <tr class="group">
              <th colspan="${columns}" scope="rowgroup"><span>${group}</span></th>
            </tr>
            ${known.filter((metric) => metric.group === group).map((metric) => row(context, point, metric))}
          </tbody>`,
      )}
    </table>`,
  )
}
