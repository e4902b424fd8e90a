import { createHash } from 'node:crypto'
import { pageAssets } from './assets.ts'
import { chartData } from './page/chart-data.ts'
import { checksSection } from './page/checks-section.ts'
import { comparisonSection } from './page/comparison-section.ts'
import { distributionsSection } from './page/distributions-section.ts'
import { fairnessSection } from './page/fairness-section.ts'
import { findingsOf } from './page/headline.ts'
import { html, Html, inlineJson } from './page/html.ts'
import { modelSection } from './page/model-section.ts'
import { oracleSection } from './page/oracle-section.ts'
import { publishedSection } from './page/published-section.ts'
import { matrixPoints } from './page/points.ts'
import { policyStyles } from './page/policies.ts'
import { replaySection } from './page/replay-section.ts'
import { runSection } from './page/run-section.ts'
import type { PageContext, Section } from './page/section.ts'
import { sweepSection } from './page/sweep-section.ts'
import { outcomesSection, sourcesSection } from './page/traffic-section.ts'
import type { Result } from './schema.ts'

function sectionsOf(context: PageContext): Section[] {
  const hasCells = context.points.length > 0
  return [
    publishedSection(context),
    hasCells && comparisonSection(context),
    hasCells && oracleSection(context),
    sweepSection(context),
    hasCells && distributionsSection(context),
    hasCells && sourcesSection(context),
    hasCells && fairnessSection(context),
    hasCells && outcomesSection(context),
    modelSection(context),
    checksSection(context),
    replaySection(context),
  ].filter((section) => section !== null && section !== false)
}

function sectionElement({ id, title, body }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section>`
}

function pointBar({ points }: PageContext): Html | false {
  return (
    points.length > 1 &&
    html`<div class="point-bar needs-script">
      <label
        >Matrix point
        <select data-control="point">
          ${points.map(({ index, label }) => html`<option value="${index}">${label}</option>`)}
        </select></label
      >
    </div>`
  )
}

// The hash covers every character between the tags.
function scriptElement(script: string): Html {
  return new Html(`<script>${script}</script>`)
}

// Scripts run by their hash alone, so that no markup in the data could ever run as one.
function contentPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** The report of a result: one HTML page that needs nothing from outside itself. */
export function renderReport(result: Result): string {
  const points = matrixPoints(result)
  const styles = new Map(policyStyles(result).map((style) => [style.label, style]))
  const context: PageContext = { result, points, styles }
  const run = runSection(context)
  const sections = sectionsOf(context)
  const { css, scripts } = pageAssets()
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy(scripts)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${result.name} · Seedbed report</title>
        <link rel="icon" href="data:," />
        <style>
          ${new Html(css)}
        </style>
        <noscript
          ><style>
            .needs-script {
              display: none !important;
            }
          </style></noscript
        >
      </head>
      <body>
        <a class="skip" href="#findings">Skip to the findings</a>
        <header class="page">
          <p class="brand">Seedbed report</p>
          <button type="button" id="theme" class="needs-script" aria-pressed="false">Dark</button>
          <h1>${result.name}</h1>
          ${result.description !== '' && html`<p class="lead">${result.description}</p>`}
        </header>
        <div class="columns">
          <nav aria-label="Sections">
            <ol>
              <li><a href="#findings">Findings</a></li>
              ${[run, ...sections].map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ol>
          </nav>
          <main>
            <section id="findings" class="findings" aria-labelledby="findings-title">
              <h2 id="findings-title">Findings</h2>
              ${findingsOf(result, points).map((finding, i) => html`<p${i === 0 && html` class="headline"`}>${finding}</p>`)}
              <noscript
                ><p>The charts need JavaScript, which is switched off. The tables do not.</p></noscript
              >
              ${
                result.replications > 1 &&
                html`<p class="muted">
                  Brackets hold 95 % intervals over ${result.replications} paired replications; a difference
                  whose interval includes 0 is called inconclusive.
                </p>`
              }
            </section>
            ${sectionElement(run)} ${pointBar(context)} ${sections.map(sectionElement)}
            <footer>
              Written by Seedbed ${result.seedbedVersion}. This page loads nothing from outside itself.
            </footer>
          </main>
        </div>
        <script type="application/json" id="chart-data">
          ${inlineJson(chartData(result, points))}
        </script>
        ${scripts.map(scriptElement)}
      </body>
    </html> `
  return page.text
}
