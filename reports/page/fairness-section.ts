import { metricScale } from './chart-data.ts'
import { formatHalfWidth, formatValue, NO_VALUE } from './format.ts'
import { html, type Content, type Html } from './html.ts'
import { valueOf, type MatrixPoint } from './points.ts'
import {
  howToRead,
  perPoint,
  plotSlot,
  policyName,
  scrollingTable,
  type PageContext,
  type Section,
} from './section.ts'
import type { Cell } from '../schema.ts'

function indexText({ result }: PageContext, cell: Cell, name: string): Content {
  const metric = result.metrics.find((each) => each.name === name)
  const value = valueOf(cell, name)
  if (!metric || !value || value.mean === null) return NO_VALUE
  const scale = metricScale(result, metric)
  return html`${formatValue(value.mean, scale)}${value.ci95 && html` <small>± ${formatHalfWidth(value.ci95, scale)}</small>`}`
}

function legend(context: PageContext, { cells }: MatrixPoint): Html {
  return scrollingTable(
    'Fairness indices by policy',
    html`<table class="legend">
      <thead>
        <tr>
          <th scope="col">Policy</th>
          <th scope="col">Jain</th>
          <th scope="col">Gini</th>
        </tr>
      </thead>
      <tbody>
        ${cells.map(
          (cell) =>
            html`<tr>
              <th scope="row">
                <button type="button" class="highlight" data-policy="${cell.policy}" aria-pressed="false">
                  ${policyName(context, cell.policy)}
                </button>
              </th>
              <td>${indexText(context, cell, 'upload_jain')}</td>
              <td>${indexText(context, cell, 'upload_gini')}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** How evenly the peers shared the work of sending. */
export function fairnessSection(context: PageContext): Section {
  const intervals = context.result.replications > 1 && ', ± half of the 95 % interval over replications'
  return {
    id: 'fairness',
    title: 'Fairness of upload load',
    body: html`
      ${howToRead(
        html`Peers with capacity to send are lined up from the least to the most used; a line says which share
        of all bytes the first so many of them sent, mean over replications. The dashed diagonal is a
        perfectly even load. Jain’s index is 1 and Gini’s coefficient 0 when all send alike${intervals}.
        Capacities differ, so even is not always best.`,
      )}
      <div class="beside">
        <figure>${plotSlot('lorenz', 380, 'Lorenz curves of bytes sent by policy')}</figure>
        ${perPoint(context.points, (point) => legend(context, point))}
      </div>
    `,
  }
}
