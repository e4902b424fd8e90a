import { cdfChart } from './cdf-chart.client.js'
import { intervalChart } from './interval-chart.client.js'
import { lorenzChart } from './lorenz-chart.client.js'
import { importanceChart, trainingChart } from './model-charts.client.js'
import { sourceChart } from './source-chart.client.js'
import { sweepChart } from './sweep-chart.client.js'

const CHARTS = {
  cdf: cdfChart,
  importance: importanceChart,
  intervals: intervalChart,
  lorenz: lorenzChart,
  sources: sourceChart,
  sweep: sweepChart,
  training: trainingChart,
}

const slots = [...document.querySelectorAll('.plot')]
const drawnWidths = new Map()

function draw(slot) {
  drawnWidths.set(slot, slot.clientWidth)
  if (slot.clientWidth > 0) slot.replaceChildren(CHARTS[slot.dataset.chart](slot))
}

/** Draws all charts anew, or those of some kinds. */
export function redraw(...kinds) {
  for (const slot of slots) {
    if (kinds.length === 0 || kinds.includes(slot.dataset.chart)) draw(slot)
  }
}

/** Draws charts as soon as their place has a width, and again when it changes. */
export function drawOnResize() {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (drawnWidths.get(target) !== target.clientWidth) draw(target)
    }
  })
  for (const slot of slots) observer.observe(slot)
}
