import { comparisonTable } from './comparison-table.ts'
import { pointFindings } from './headline.ts'
import { html, type Content } from './html.ts'
import { primaryMetrics } from './points.ts'
import {
  howToRead,
  mostPolicies,
  perPoint,
  plotSlot,
  rowsHeight,
  segmented,
  type PageContext,
  type Section,
} from './section.ts'

function chartWords({ result }: PageContext): Content {
  if (result.replications === 1) {
    return 'Dots are the values of the single replication. One run gives no interval, so no difference can be judged.'
  }
  const dots = `Dots are means over ${result.replications} replications, bars their 95 % intervals (Student t).`
  if (result.baseline === null) return `${dots} No baseline was set, so policies are not compared in pairs.`
  return html`${dots} Every replication gives all policies the same peers, arrivals and faults, so differences
    are taken pair by pair and are surer than the bars of the means suggest.
    <b>Hollow dots are inconclusive</b>: the interval of the difference from ${result.baseline} includes 0.
    The dashed line is ${result.baseline}.`
}

function tableWords({ result }: PageContext): Content {
  const best = 'Shaded: the best, or not to be told from the best in pairs'
  const oracle = result.oracle === null ? '.' : ' (the oracle does not compete).'
  if (result.replications === 1)
    return ['Values of the single replication. Shaded: the lowest or highest', oracle]
  const mean = 'First line: mean ± half of its 95 % interval. '
  if (result.baseline === null) return [mean, best, oracle]
  return html`${mean}Second line: paired difference from ${result.baseline} with its 95 % interval, in percent
    of ${result.baseline}. <span class="difference better">✓</span> better,
    <span class="difference worse">✗</span> worse, <span class="difference">◆</span> different,
    <span class="difference inconclusive">○</span> inconclusive. ${best}${oracle} Of many comparisons about
    one in twenty is marked by chance alone.`
}

/** Policies against each other: a chart for each main metric, a table of all. */
export function comparisonSection(context: PageContext): Section {
  const { result, points } = context
  const height = rowsHeight(mostPolicies(points))
  const charts = primaryMetrics(result).map((metric) => {
    const direction = metric.better === 'neither' ? '' : `${metric.better} is better`
    return html`<figure>
      <figcaption><b>${metric.label}</b> <span class="muted">${direction}</span></figcaption>
      ${plotSlot('intervals', height, `${metric.label} by policy`, { metric: metric.name, show: 'means' })}
    </figure>`
  })
  const modes: [string, string][] = [
    ['means', 'Means'],
    ['differences', `Difference from ${result.baseline}`],
  ]
  return {
    id: 'comparison',
    title: 'Policy comparison',
    body: html`
      ${points.length > 1 && perPoint(points, (point) => pointFindings(result, point).map((finding) => html`<p>${finding}</p>`))}
      ${howToRead(chartWords(context))}
      ${result.baseline !== null && segmented('show', 'What the charts show', modes)}
      <div class="grid">${charts}</div>
      <h3>All metrics</h3>
      ${howToRead(tableWords(context))} ${perPoint(points, (point) => comparisonTable(context, point))}
    `,
  }
}
