import type { Result } from '../schema.ts'
import { html, type Html } from './html.ts'

/** How a policy looks in every chart and table. */
export interface PolicyStyle {
  label: string
  role: 'baseline' | 'oracle' | 'policy'
  /** CSS colour. */
  colour: string
  /** stroke-dasharray of its lines; null for a full line. */
  dash: string | null
}

const SERIES = 8
const DASHES = [null, '6 3', '2 3', '8 3 2 3']

/** Whether the policy ranks with a trained model, as far as its settings or its label say so. */
export function usesModel(label: string, spec: Record<string, unknown>): boolean {
  return [spec['kind'], spec['name'], spec['type'], spec['policy'], label].some(
    (name) => typeof name === 'string' && /^model\b/i.test(name),
  )
}

/**
 * Styles of all policies of a result, in the order of the config. The baseline is grey, the oracle takes the colour
 * of the text, a policy that uses a model always takes the first colour.
 */
export function policyStyles(result: Result): PolicyStyle[] {
  const specs = new Map(result.cells.map((cell) => [cell.policy, cell.policySpec]))
  const coloured = [...specs.keys()].filter((label) => label !== result.baseline && label !== result.oracle)
  const modelFirst = coloured.toSorted(
    (a, b) => Number(usesModel(b, specs.get(b)!)) - Number(usesModel(a, specs.get(a)!)),
  )
  return [...specs.keys()].map((label): PolicyStyle => {
    if (label === result.baseline) return { label, role: 'baseline', colour: 'var(--baseline)', dash: null }
    if (label === result.oracle) return { label, role: 'oracle', colour: 'var(--ink)', dash: '1 3' }
    const index = modelFirst.indexOf(label)
    return {
      label,
      role: 'policy',
      colour: `var(--series-${(index % SERIES) + 1})`,
      dash: DASHES[Math.floor(index / SERIES) % DASHES.length],
    }
  })
}

/** Short piece of line in the style of a policy. */
export function swatch(style: PolicyStyle): Html {
  const dash = style.dash && html` stroke-dasharray="${style.dash}"`
  return html`<svg class="swatch" width="22" height="10" viewBox="0 0 22 10" aria-hidden="true">
    <path d="M1 5H21" style="stroke: ${style.colour}" ${dash} />
  </svg>`
}
