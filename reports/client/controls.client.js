import { choices } from './data.client.js'
import { redraw } from './slots.client.js'

function choosePoint(index) {
  choices.point = index
  for (const panel of document.querySelectorAll('[data-point]'))
    panel.hidden = Number(panel.dataset.point) !== index
  redraw()
}

function choosePolicy(label) {
  choices.policy = choices.policy === label ? null : label
  for (const button of document.querySelectorAll('button.highlight')) {
    button.setAttribute('aria-pressed', String(button.dataset.policy === choices.policy))
  }
  redraw('cdf', 'lorenz')
}

const CHANGES = {
  point: (control) => choosePoint(Number(control.value)),
  show: () => redraw('intervals'),
  'sweep-metric': () => redraw('sweep'),
}

/** Lets the reader choose the matrix point, what charts show, and a policy to bring out. */
export function startControls() {
  for (const control of document.querySelectorAll('[data-control]')) {
    const change = CHANGES[control.dataset.control] ?? (() => redraw('cdf'))
    control.addEventListener('change', () => change(control))
  }
  for (const button of document.querySelectorAll('button.highlight')) {
    button.addEventListener('click', () => choosePolicy(button.dataset.policy))
  }
  const select = document.querySelector('select[data-control="point"]')
  // Browsers keep what was chosen over a reload.
  if (select && Number(select.value) !== choices.point) choosePoint(Number(select.value))
}
