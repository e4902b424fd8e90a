import { formatValue, magnitudeOf, scaleFor } from './format.ts'
import { html, type Html } from './html.ts'
import { valueOf, type MatrixPoint } from './points.ts'
import {
  howToRead,
  perPoint,
  plotSlot,
  policyName,
  scrollingTable,
  segmented,
  type PageContext,
  type Section,
} from './section.ts'

type DistributionName = 'chunkFetchMs' | 'completionMs'

const HEIGHT = 340

// A wide spread reads best on a logarithmic axis.
function prefersLog({ points }: PageContext, name: DistributionName): boolean {
  const spreads = points.flatMap(({ cells }) =>
    cells.flatMap(({ distributions: { [name]: values } }) =>
      values.length > 0 && values[5] > 0 ? [values[95] / values[5]] : [],
    ),
  )
  return Math.max(1, ...spreads) > 8
}

function legend(context: PageContext, point: MatrixPoint, name: DistributionName): Html {
  const levelIndex = (level: number): number => context.result.quantileLevels.indexOf(level)
  const [median, high] = [levelIndex(0.5), levelIndex(0.95)]
  const scale = scaleFor(
    'ms',
    magnitudeOf(point.cells.map(({ distributions }) => distributions[name][95] ?? null)),
  )
  const rows = point.cells.map(({ policy, distributions: { [name]: values } }) => {
    const text = (index: number): string => formatValue(values[index] ?? null, scale)
    return html`<tr>
      <th scope="row">
        <button type="button" class="highlight" data-policy="${policy}" aria-pressed="false">
          ${policyName(context, policy)}
        </button>
      </th>
      <td>${text(median)}</td>
      <td>${text(high)}</td>
    </tr>`
  })
  const unit = scale.suffix
  return scrollingTable(
    'Quantiles by policy',
    html`<table class="legend">
      <thead>
        <tr>
          <th scope="col">Policy</th>
          <th scope="col">50 % <small>${unit}</small></th>
          <th scope="col">95 % <small>${unit}</small></th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  )
}

function cdf(context: PageContext, name: DistributionName, title: string, how: Html): Html {
  const log: [string, string] = ['log', 'Logarithmic']
  const linear: [string, string] = ['linear', 'Linear']
  const control = `axis-${name}`
  return html`<h3>${title}</h3>
    ${howToRead(how)}
    ${segmented(control, `Time axis of ${title}`, prefersLog(context, name) ? [log, linear] : [linear, log])}
    <div class="beside">
      <figure>
        ${plotSlot('cdf', HEIGHT, `${title}, cumulative share by policy`, { distribution: name, axis: control })}
      </figure>
      ${perPoint(context.points, (point) => legend(context, point, name))}
    </div>`
}

/** How chunk-fetch times and completion times are distributed. */
export function timesSection(context: PageContext): Section {
  const stragglers = context.result.cells.some((cell) => (valueOf(cell, 'completed_share')?.mean ?? 1) < 1)
  return {
    id: 'times',
    title: 'How long it took',
    body: html`
      ${cdf(
        context,
        'chunkFetchMs',
        'Chunk-fetch time',
        html`Each line says which share of the chunk fetches that ended ok took at most so long: further left
        is faster. All replications are pooled, so the lines carry no interval. The axis runs from the 1st to
        the 99th percentile. Choose a policy in the table to bring out its line.`,
      )}
      ${cdf(
        context,
        'completionMs',
        'Completion time',
        html`Each line says which share of the peers had the whole content after so long since joining.
        ${stragglers && 'Peers that left before they had finished count: a line levels off at the share that did finish. The table holds only those that did.'}`,
      )}
    `,
  }
}
