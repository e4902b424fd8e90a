import { pointMatches } from '../published.ts'
import type { Cell, Estimate, Metric, Published } from '../schema.ts'
import {
  formatNumber,
  formatPercent,
  formatValue,
  NO_VALUE,
  scaleOf,
  withSuffix,
  type Scale,
} from './format.ts'
import { html, type Content, type Html } from './html.ts'
import { valueOf } from './points.ts'
import { pointValueText } from '../point-text.ts'
import { howToRead, policyName, scrollingTable, type PageContext, type Section } from './section.ts'

function meanText({ mean, ci95 }: Estimate, scale: Scale): Content {
  if (mean === null) return NO_VALUE
  const interval =
    ci95 && html` <small>[${formatValue(ci95[0], scale)}, ${formatValue(ci95[1], scale)}]</small>`
  return html`${withSuffix(formatValue(mean, scale), scale.suffix)}${interval}`
}

function differenceText(published: number, { mean }: Estimate, scale: Scale): Content {
  if (mean === null) return NO_VALUE
  const difference = withSuffix(formatValue(mean - published, scale, true), scale.suffix)
  if (published === 0) return difference
  return html`${difference} <small>(${formatPercent(mean / published - 1, true, 0)})</small>`
}

/** Whether the published figure lies in the simulated interval; unknown without one. */
function agreementText(published: number, { ci95 }: Estimate): string {
  if (!ci95) return NO_VALUE
  return ci95[0] <= published && published <= ci95[1] ? 'inside' : 'outside'
}

function row(
  context: PageContext,
  published: Published,
  metric: Metric,
  cell: Cell,
  showsPolicy: boolean,
): Html {
  const estimate = valueOf(cell, metric.name) ?? { mean: null, ci95: null, n: 0 }
  const scale = scaleOf(metric.unit, [estimate, { mean: published.value, ci95: null }])
  const where = Object.entries(cell.point)
    .map(([path, value]) => `${path} = ${pointValueText(value)}`)
    .join(', ')
  return html`<tr>
    <th scope="row" title="${metric.description}">
      ${metric.label}${where !== '' && html` <small>${where}</small>`}
    </th>
    ${showsPolicy && html`<td>${policyName(context, cell.policy)}</td>`}
    <td>${withSuffix(formatNumber(published.value * scale.factor, scale.decimals), scale.suffix)}</td>
    <td>${meanText(estimate, scale)}</td>
    <td>${differenceText(published.value, estimate, scale)}</td>
    <td>${agreementText(published.value, estimate)}</td>
    <td><small>${published.source}</small></td>
  </tr>`
}

/** What others have measured against what was simulated; null where the config names no such figures. */
export function publishedSection(context: PageContext): Section | null {
  const { result } = context
  if (result.published.length === 0) return null
  const showsPolicy = new Set(result.cells.map(({ policy }) => policy)).size > 1
  const rows = result.published.flatMap((published) => {
    const metric = result.metrics.find(({ name }) => name === published.metric)
    if (!metric) return []
    return result.cells
      .filter(({ point }) => pointMatches(published.point, point))
      .map((cell) => row(context, published, metric, cell, showsPolicy))
  })
  return {
    id: 'published',
    title: 'Published against simulated',
    body: html`
      ${howToRead(
        `Simulated: mean over ${result.replications} replications with its 95 % interval (Student t). The interval tells`,
        ' how sure the simulation is of its own mean, not how near the model is to the world; nothing was fitted to',
        ' these figures unless the description says so.',
      )}
      ${scrollingTable(
        'Published and simulated figures',
        html`<table class="published">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              ${showsPolicy && html`<th scope="col">Policy</th>`}
              <th scope="col">Published</th>
              <th scope="col">Simulated</th>
              <th scope="col">Difference</th>
              <th scope="col">Published in interval</th>
              <th scope="col">Source</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>`,
      )}
    `,
  }
}
