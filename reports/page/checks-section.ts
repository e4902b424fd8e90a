import { formatNumber } from './format.ts'
import { html } from './html.ts'
import type { PageContext, Section } from './section.ts'

const MOST_VIOLATIONS = 50

/** Invariants that were checked while runs went on, and what broke them. */
export function checksSection({ result: { invariants } }: PageContext): Section {
  const { runs, checks, violations } = invariants
  const broken = violations.length > 0
  const runWords = `${formatNumber(runs, 0)} ${runs === 1 ? 'run' : 'runs'}`
  const verdict = broken
    ? html`<p class="alert">
        ✗ ${formatNumber(violations.length, 0)} violations in ${runWords}: do not trust these results.
      </p>`
    : html`<p><b>✓ No violation</b> in ${runWords}.</p>`
  const more = violations.length - MOST_VIOLATIONS
  return {
    id: 'checks',
    title: 'Invariants checked',
    body: html`
      ${checks.length > 0 ? verdict : html`<p>No invariants were checked.</p>`}
      ${
        broken &&
        html`<ul class="plain">
          ${violations.slice(0, MOST_VIOLATIONS).map((text) => html`<li><code>${text}</code></li>`)}
        </ul>`
      }
      ${more > 0 && html`<p class="muted">… and ${formatNumber(more, 0)} more in result.json.</p>`}
      <ul class="plain">
        ${checks.map((check) => html`<li>${check}</li>`)}
      </ul>
    `,
  }
}
