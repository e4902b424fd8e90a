import type { Result } from '../schema.ts'
import { html, type Content, type Html } from './html.ts'
import type { MatrixPoint } from './points.ts'
import { swatch, type PolicyStyle } from './policies.ts'

/** What every section is made from. */
export interface PageContext {
  result: Result
  points: readonly MatrixPoint[]
  styles: ReadonlyMap<string, PolicyStyle>
}

/** A part of the page with a heading, reachable from the navigation. */
export interface Section {
  id: string
  title: string
  body: Html
}

/** Content for each matrix point; the page's script shows the chosen one. */
export function perPoint(points: readonly MatrixPoint[], render: (point: MatrixPoint) => Content): Html {
  return html`${points.map(
    (point) =>
      html`<div data-point="${point.index}" ${point.index > 0 && html` hidden`}>${render(point)}</div>`,
  )}`
}

/** The most policies that any matrix point has: charts keep that much room so that nothing moves. */
export function mostPolicies(points: readonly MatrixPoint[]): number {
  return Math.max(1, ...points.map(({ cells }) => cells.length))
}

/** Place for a chart that a script draws: `chart` names the script, `options` reach it as data attributes. */
export function plotSlot(
  chart: string,
  height: number,
  label: string,
  options: Record<string, string> = {},
): Html {
  const data = Object.entries(options).map(([name, value]) => html` data-${name}="${value}"`)
  return html`<div
    class="plot"
    data-chart="${chart}"
    data-height="${height}"
    data-label="${label}"
    ${data}
    style="min-height: ${height}px"
  ></div>`
}

/** One line below a heading that says how to read what follows. */
export function howToRead(...text: Content[]): Html {
  return html`<p class="how"><b>How to read this.</b> ${text}</p>`
}

/** Name of a policy after a piece of its line. */
export function policyName(context: PageContext, label: string): Html {
  const style = context.styles.get(label)
  return html`<span class="policy">${style && swatch(style)}<span class="name">${label}</span></span>`
}

/** Table that scrolls inside its frame where the page is too narrow. */
export function scrollingTable(label: string, table: Html): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${table}</div>`
}

/** Buttons of which one is pressed at a time; a script reads the value of the group. */
export function segmented(
  name: string,
  legend: string,
  choices: readonly [value: string, text: string][],
): Html {
  return html`<fieldset class="segmented needs-script" data-control="${name}">
    <legend class="visually-hidden">${legend}</legend>
    ${choices.map(
      ([value, text], i) =>
        html`<label
          ><input type="radio" name="${name}" value="${value}" ${i === 0 && html` checked`} /><span
            >${text}</span
          ></label
        >`,
    )}
  </fieldset>`
}

/** Height of a chart with a row for each policy. */
export function rowsHeight(rows: number): number {
  return 34 + rows * 24
}
