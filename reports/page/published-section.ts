import { pointMatches } from '../published.ts'
import type { Cell, Estimate, Metric, Published } from '../schema.ts'
import { formatPercent, formatValue, NO_VALUE, scaleOf, withSuffix, type Scale } from './format.ts'
import { html, type Content, type Html } from './html.ts'
import { valueOf, type MatrixPoint } from './points.ts'
import { howToRead, policyName, scrollingTable, type PageContext, type Section } from './section.ts'

interface Row {
  published: Published
  metric: Metric
  cell: Cell
}

function simulatedText({ mean, ci95 }: Estimate, scale: Scale): Content {
  if (mean === null) return NO_VALUE
  const interval =
    ci95 && html` <small>[${formatValue(ci95[0], scale)}, ${formatValue(ci95[1], scale)}]</small>`
  return html`${withSuffix(formatValue(mean, scale), scale.suffix)}${interval}`
}

function differenceText(published: number, { mean, ci95 }: Estimate, scale: Scale): Content {
  if (mean === null) return NO_VALUE
  const difference = withSuffix(formatValue(mean - published, scale, true), scale.suffix)
  const share = published !== 0 && html` <small>${formatPercent(mean / published - 1, true, 0)}</small>`
  const isInside = ci95 && ci95[0] <= published && published <= ci95[1]
  return html`${difference}${share}${isInside && html` <small>within the interval</small>`}`
}

function rowElement(context: PageContext, { published, metric, cell }: Row, showsPolicy: boolean): Html {
  const { value, source } = published
  const estimate = valueOf(cell, metric.name) ?? { mean: null, ci95: null, n: 0 }
  const scale = scaleOf(metric.unit, [estimate, { mean: value, ci95: null }])
  return html`<tr>
    <th scope="row" title="${metric.description}">${metric.label} <small>${source}</small></th>
    ${showsPolicy && html`<td>${policyName(context, cell.policy)}</td>`}
    <td>${withSuffix(formatValue(value, scale), scale.suffix)}</td>
    <td>${simulatedText(estimate, scale)}</td>
    <td>${differenceText(value, estimate, scale)}</td>
  </tr>`
}

function rowsOf({ result }: PageContext, { cells, values }: MatrixPoint): Row[] {
  return result.published.flatMap((published) => {
    const metric = result.metrics.find(({ name }) => name === published.metric)
    if (!metric || !pointMatches(published.point, values)) return []
    return cells.map((cell) => ({ published, metric, cell }))
  })
}

/** What others have measured against what was simulated; null where the config names no such figures. */
export function publishedSection(context: PageContext): Section | null {
  const { result, points } = context
  if (result.published.length === 0) return null
  const showsPolicy = new Set(result.cells.map(({ policy }) => policy)).size > 1
  const simulated =
    result.replications === 1
      ? 'Simulated: the value of the single replication.'
      : `Simulated: mean over ${result.replications} replications with its 95 % interval (Student t), which says how sure ` +
        'the simulation is of its own mean, not how near the model is to the world.'
  return {
    id: 'published',
    title: 'Published against simulated',
    body: html`
      ${howToRead(simulated, ' Difference: simulated less published, and in percent of the published figure.')}
      ${scrollingTable(
        'Published and simulated figures',
        html`<table class="comparison">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              ${showsPolicy && html`<th scope="col">Policy</th>`}
              <th scope="col">Published</th>
              <th scope="col">Simulated</th>
              <th scope="col">Difference</th>
            </tr>
          </thead>
          ${points.map((point) => {
            const rows = rowsOf(context, point)
            if (rows.length === 0) return false
            return html`<tbody>
              ${
                point.label !== '' &&
                html`<tr class="group">
                  <th colspan="${showsPolicy ? 5 : 4}" scope="rowgroup"><span>${point.label}</span></th>
                </tr>`
              }
              ${rows.map((row) => rowElement(context, row, showsPolicy))}
            </tbody>`
          })}
        </table>`,
      )}
    `,
  }
}
