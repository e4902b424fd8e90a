import { data } from './data.client.js'
import { frame, fittingTicks, tip } from './frame.client.js'
import { d3, Plot } from './libraries.client.js'
import { axisNumber, fitText, tipNumber, widestText } from './text.client.js'

/** Training and validation loss by epoch. */
export function trainingChart(slot) {
  const { curve, bestEpoch } = data.model
  const rows = curve.flatMap(({ epoch, trainLoss, validationLoss }) => [
    { epoch, set: 'training', loss: trainLoss },
    { epoch, set: 'validation', loss: validationLoss },
  ])
  const domain = d3.extent(rows, ({ loss }) => loss)
  const margin = (domain[1] - domain[0] || 1) * 0.05
  const y = [domain[0] - margin, domain[1] + margin]
  const marginLeft = widestText(d3.ticks(...y, 5).map(axisNumber)) + 14
  const inner = slot.clientWidth - marginLeft - 14
  const [first, last] = d3.extent(curve, ({ epoch }) => epoch)
  const epochs = first < last ? [first, last] : [first - 1, last + 1]
  const late = bestEpoch > (first + last) / 2
  const colors = { training: 'var(--train)', validation: 'var(--validation)' }
  return frame(slot, {
    marginLeft,
    marginRight: 14,
    marginTop: 24,
    marginBottom: 44,
    x: { label: null, domain: epochs },
    y: { label: null, domain: y },
    marks: [
      Plot.gridY({ ticks: 5, strokeOpacity: 1, stroke: 'var(--grid)' }),
      Plot.axisY({
        ticks: 5,
        tickSize: 0,
        tickFormat: axisNumber,
        fill: 'var(--muted)',
        label: 'loss',
        labelArrow: 'none',
      }),
      Plot.axisX({
        ticks: fittingTicks(epochs, inner).filter(Number.isInteger),
        tickSize: 4,
        tickFormat: axisNumber,
        fill: 'var(--muted)',
        label: 'epoch',
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 38,
      }),
      Plot.ruleX([bestEpoch], { stroke: 'var(--muted)', strokeDasharray: '4 3' }),
      Plot.text([`kept: epoch ${bestEpoch}`], {
        x: bestEpoch,
        frameAnchor: 'top',
        dy: -16,
        dx: late ? 2 : -2,
        textAnchor: late ? 'end' : 'start',
        fill: 'var(--muted)',
      }),
      ...Object.entries(colors).map(([set, stroke]) =>
        Plot.line(
          rows.filter((row) => row.set === set),
          { x: 'epoch', y: 'loss', stroke, strokeWidth: 2 },
        ),
      ),
      Plot.dot(rows, {
        x: 'epoch',
        y: 'loss',
        r: curve.length > 40 ? 0 : 2.5,
        fill: ({ set }) => colors[set],
      }),
      tip(rows, {
        x: 'epoch',
        y: 'loss',
        title: ({ epoch, set, loss }) => `epoch ${epoch}\n${set} loss ${tipNumber(loss, 4)}`,
      }),
    ],
  })
}

/** Permutation importance, most important first. */
export function importanceChart(slot) {
  const rows = data.importance.slice(0, Number(slot.dataset.rows))
  const features = rows.map(({ feature }) => feature)
  const marginLeft = Math.min(widestText(features), slot.clientWidth * 0.5) + 12
  const inner = slot.clientWidth - marginLeft - 18
  const domain = d3.extent([0, ...rows.flatMap(({ value, interval }) => [value, ...(interval ?? [])])])
  const ticks = fittingTicks(domain, inner)
  const words = ({ interval }) =>
    interval ? `\n95 % interval ${tipNumber(interval[0])} to ${tipNumber(interval[1])}` : ''
  return frame(slot, {
    marginLeft,
    marginRight: 18,
    marginTop: 4,
    marginBottom: 30,
    x: { label: null, domain },
    y: { type: 'band', domain: features, label: null, padding: 0.3 },
    marks: [
      Plot.gridX({ ticks, strokeOpacity: 1, stroke: 'var(--grid)' }),
      Plot.axisX({ ticks, tickSize: 0, tickFormat: axisNumber, fill: 'var(--muted)' }),
      Plot.axisY({ tickSize: 0, tickFormat: (feature) => fitText(feature, marginLeft - 12) }),
      Plot.barX(rows, { x: 'value', y: 'feature', fill: 'var(--bar)' }),
      Plot.ruleX([0], { stroke: 'var(--axis)' }),
      Plot.link(
        rows.filter(({ interval }) => interval),
        {
          x1: ({ interval }) => interval[0],
          x2: ({ interval }) => interval[1],
          y1: 'feature',
          y2: 'feature',
          stroke: 'var(--ink)',
          strokeWidth: 1.5,
        },
      ),
      tip(
        rows,
        { x: 'value', y: 'feature', title: (row) => `${row.feature}: +${tipNumber(row.value)}${words(row)}` },
        Plot.pointerY,
      ),
    ],
  })
}
