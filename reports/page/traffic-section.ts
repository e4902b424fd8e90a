import { formatBytes, formatNumber, formatPercent, NO_VALUE } from './format.ts'
import { html, type Html } from './html.ts'
import { type MatrixPoint } from './points.ts'
import {
  howToRead,
  mostPolicies,
  perPoint,
  plotSlot,
  policyName,
  rowsHeight,
  scrollingTable,
  type PageContext,
  type Section,
} from './section.ts'

/** Where the payload came from. */
export function sourcesSection({ points }: PageContext): Section {
  const kinds: [string, string][] = [
    ['seeds', 'seeds: peers that hold everything'],
    ['peers', 'peers that are still fetching'],
    ['origin', 'origin server'],
  ]
  return {
    id: 'sources',
    title: 'Where the bytes came from',
    body: html`
      ${howToRead('Share of the payload bytes by the kind of source that sent them, mean over replications. The figure on the right is the share of the origin.')}
      <ul class="inline keys">
        ${kinds.map(
          ([kind, text]) => html`<li><span class="key ${kind}" aria-hidden="true"></span>${text}</li>`,
        )}
      </ul>
      <figure>
        ${plotSlot('sources', rowsHeight(mostPolicies(points)), 'Share of bytes from seeds, peers and origin by policy')}
      </figure>
      ${perPoint(
        points,
        ({ cells }) =>
          html`<p class="muted">
            Payload of a run:
            ${[
              ...new Set(
                cells.map(({ sourceBytes }) =>
                  formatBytes(sourceBytes.seeds + sourceBytes.peers + sourceBytes.origin),
                ),
              ),
            ].join(', ')}.
          </p>`,
      )}
    `,
  }
}

function outcomesTable(context: PageContext, { cells }: MatrixPoint): Html {
  const totals = new Map<string, number>()
  for (const { results } of cells) {
    for (const [name, count] of Object.entries(results)) totals.set(name, (totals.get(name) ?? 0) + count)
  }
  const names = [...totals].sort(([, a], [, b]) => b - a).map(([name]) => name)
  const rows = cells.map(({ policy, results }) => {
    const all = Object.values(results).reduce((sum, count) => sum + count, 0)
    const counts = names.map((name) => {
      const count = results[name] ?? 0
      const share = all > 0 ? formatPercent(count / all, false, 2) : NO_VALUE
      return html`<td>${formatNumber(count, 0)} <small>${share}</small></td>`
    })
    return html`<tr>
      <th scope="row">${policyName(context, policy)}</th>
      <td>${formatNumber(all, 0)}</td>
      ${counts}
    </tr>`
  })
  return scrollingTable(
    'Fetches by how they ended',
    html`<table>
      <thead>
        <tr>
          <th scope="col">Policy</th>
          <th scope="col">all</th>
          ${names.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  )
}

/** How fetches ended. */
export function outcomesSection(context: PageContext): Section {
  return {
    id: 'outcomes',
    title: 'How fetches ended',
    body: html`
      ${howToRead('Every fetch that was started, summed over replications, with its share of all fetches of the policy.')}
      ${perPoint(context.points, (point) => outcomesTable(context, point))}
    `,
  }
}
