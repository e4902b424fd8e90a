import { html } from './html.ts'
import { primaryMetrics, valueOf } from './points.ts'
import { howToRead, mostPolicies, plotSlot, rowsHeight, type PageContext, type Section } from './section.ts'

/** Share of the oracle's gain over the baseline that each policy captures; null without an oracle or a baseline. */
export function oracleSection({ result, points }: PageContext): Section | null {
  if (result.oracle === null || result.baseline === null) return null
  const metrics = primaryMetrics(result).filter(({ better }) => better !== 'neither')
  const gaining = metrics.filter((metric) =>
    result.cells.some((cell) => valueOf(cell, metric.name)?.shareOfOracleGain),
  )
  const without = metrics.filter((metric) => !gaining.includes(metric)).map(({ label }) => label)
  return {
    id: 'oracle',
    title: 'Share of the oracle’s gain',
    body: html`
      ${howToRead(
        html`The oracle knows every true capacity and load. 0 % is no better than ${result.baseline}, 100 % as
        good as the oracle. Bars are 95 % intervals of the ratio of paired mean gains (Fieller); an arrow
        marks a bar that goes on. A policy is left out where the oracle’s own gain cannot be told from 0,
        hollow where its interval includes 0 %.`,
      )}
      <div class="grid">
        ${gaining.map(
          (metric) =>
            html`<figure>
              <figcaption><b>${metric.label}</b></figcaption>
              ${plotSlot(
                'intervals',
                rowsHeight(mostPolicies(points) - 2),
                `Share of the oracle’s gain in ${metric.label}`,
                {
                  metric: metric.name,
                  show: 'oracleShares',
                },
              )}
            </figure>`,
        )}
      </div>
      ${without.length > 0 && html`<p class="muted">The oracle gains nothing in: ${without.join(', ')}.</p>`}
    `,
  }
}
