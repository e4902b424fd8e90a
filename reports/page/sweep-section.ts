import { html, type Html } from './html.ts'
import { pointValueText } from '../point-text.ts'
import { dimensionsOf, primaryMetrics, valueOf, type Dimension } from './points.ts'
import { howToRead, plotSlot, policyName, type PageContext, type Section } from './section.ts'

const MOST_PANELS = 12

// Values of the other paths; panels of one path differ in these.
function othersOf(point: Record<string, unknown>, path: string, dimensions: readonly Dimension[]): string {
  return dimensions
    .filter((dimension) => dimension.path !== path)
    .map((dimension) => `${dimension.path} = ${pointValueText(point[dimension.path])}`)
    .join(', ')
}

function panels(context: PageContext, dimensions: readonly Dimension[], { path }: Dimension): Html {
  const members = new Map<string, number[]>()
  for (const { index, values } of context.points) {
    const others = othersOf(values, path, dimensions)
    members.set(others, [...(members.get(others) ?? []), index])
  }
  const shown = [...members].slice(0, MOST_PANELS)
  return html`<h3>By ${path}</h3>
    ${members.size > MOST_PANELS && html`<p class="muted">The first ${MOST_PANELS} of ${members.size} panels.</p>`}
    <div class="grid">
      ${shown.map(
        ([others, indices]) =>
          html`<figure>
            <figcaption>${others === '' ? html`<b>All points</b>` : others}</figcaption>
            ${plotSlot('sweep', 260, `Metric by ${path}${others && `, ${others}`}`, { path, points: indices.join(' ') })}
          </figure>`,
      )}
    </div>`
}

/** A metric over the matrix: a panel for each combination of the other paths; null without a matrix. */
export function sweepSection(context: PageContext): Section | null {
  const dimensions = dimensionsOf(context.result)
  if (dimensions.length === 0) return null
  const { result } = context
  const known = result.metrics.filter(({ name }) =>
    result.cells.some((cell) => typeof valueOf(cell, name)?.mean === 'number'),
  )
  const first = primaryMetrics(result)[0]?.name
  return {
    id: 'sweep',
    title: 'Across the matrix',
    body: html`
      ${howToRead(
        'Dots are means over replications, bars their 95 % intervals; lines only lead the eye from point to point.',
        ' Policies stand side by side at each value so that their bars do not cover each other. All panels share their vertical axis.',
      )}
      <p class="needs-script">
        <label
          >Metric
          <select data-control="sweep-metric">
            ${known.map(
              ({ name, label }) =>
                html`<option value="${name}" ${name === first && html` selected`}>${label}</option>`,
            )}
          </select></label
        >
      </p>
      <ul class="inline keys">
        ${[...context.styles.keys()].map((label) => html`<li>${policyName(context, label)}</li>`)}
      </ul>
      ${dimensions.map((dimension) => panels(context, dimensions, dimension))}
    `,
  }
}
