import { stringify } from 'yaml'
import { html, type Html } from './html.ts'
import type { PageContext, Section } from './section.ts'

function copyable(text: string, label: string): Html {
  return html`<div class="copyable">
    <pre tabindex="0" aria-label="${label}"><code>${text}</code></pre>
    <button type="button" class="copy needs-script">Copy</button>
  </div>`
}

/** The command that gives the same outcomes again, and the whole resolved config. */
export function replaySection({ result }: PageContext): Section {
  return {
    id: 'replay',
    title: 'Run it again',
    body: html`
      <p>
        The same config and seed give the same outcomes, whatever the number of workers: the outcomes hash
        will be <code class="hash">${result.outcomesHash}</code>.
      </p>
      ${copyable(result.replayCommand, 'Command that replays this experiment')}
      <details>
        <summary>Resolved config</summary>
        ${copyable(stringify(result.config, { lineWidth: 100 }), 'Resolved config')}
      </details>
    `,
  }
}
