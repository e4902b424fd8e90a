import type { Distribution } from '../schema.ts'
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

const HEIGHT = 340

// A wide spread reads best on a logarithmic axis.
function prefersLog({ points }: PageContext, name: string): boolean {
  const spreads = points.flatMap(({ cells }) =>
    cells.flatMap(({ distributions: { [name]: values = [] } }) =>
      values.length > 0 && values[5] > 0 ? [values[95] / values[5]] : [],
    ),
  )
  return Math.max(1, ...spreads) > 8
}

function legend(context: PageContext, point: MatrixPoint, { name, unit }: Distribution): Html {
  const levelIndex = (level: number): number => context.result.quantileLevels.indexOf(level)
  const [median, high] = [levelIndex(0.5), levelIndex(0.95)]
  const scale = scaleFor(
    unit,
    magnitudeOf(point.cells.map(({ distributions }) => distributions[name]?.[95] ?? null)),
  )
  const rows = point.cells.map(({ policy, distributions: { [name]: values = [] } }) => {
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
  return scrollingTable(
    'Quantiles by policy',
    html`<table class="legend">
      <thead>
        <tr>
          <th scope="col">Policy</th>
          <th scope="col">50 % <small>${scale.suffix}</small></th>
          <th scope="col">95 % <small>${scale.suffix}</small></th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  )
}

function howTo(context: PageContext, { covers, description }: Distribution): Html {
  const someNeverCome =
    covers !== null && context.result.cells.some((cell) => (valueOf(cell, covers)?.mean ?? 1) < 1)
  return html`Each line says, for a policy: ${description}. All replications are pooled, so the lines carry no
  interval. The axis runs from the 1st to the 99th percentile. Choose a policy in the table to bring out its
  line. ${someNeverCome && 'A line levels off where the rest never came; the table holds only what came.'}`
}

function cdf(context: PageContext, distribution: Distribution): Html {
  const { name, label } = distribution
  const log: [string, string] = ['log', 'Logarithmic']
  const linear: [string, string] = ['linear', 'Linear']
  const control = `axis-${name}`
  return html`<h3>${label}</h3>
    ${howToRead(howTo(context, distribution))}
    ${segmented(control, `Axis of ${label}`, prefersLog(context, name) ? [log, linear] : [linear, log])}
    <div class="beside">
      <figure>
        ${plotSlot('cdf', HEIGHT, `${label}, cumulative share by policy`, { distribution: name, axis: control })}
      </figure>
      ${perPoint(context.points, (point) => legend(context, point, distribution))}
    </div>`
}

/** How what was measured one by one is distributed. */
export function distributionsSection(context: PageContext): Section | null {
  const { distributions, cells } = context.result
  const drawn = distributions.filter(({ name }) =>
    cells.some((cell) => (cell.distributions[name] ?? []).length > 0),
  )
  if (drawn.length === 0) return null
  return {
    id: 'distributions',
    title: 'Distributions',
    body: html`${drawn.map((distribution) => cdf(context, distribution))}`,
  }
}
