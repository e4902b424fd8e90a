import { data, styleOf } from './data.client.js'
import { frame, nothing, tip } from './frame.client.js'
import { d3, Plot } from './libraries.client.js'
import { axisNumber, fitText, widestText } from './text.client.js'

const nameOf = (value) =>
  typeof value === 'number' ? axisNumber(value) : typeof value === 'string' ? value : JSON.stringify(value)

/** A metric by the values of one matrix path, policies side by side at each value. */
export function sweepChart(slot) {
  const { path } = slot.dataset
  const metric = document.querySelector('[data-control="sweep-metric"]').value
  const points = slot.dataset.points.split(' ').map((index) => data.points[index])
  const order = data.dimensions.find((dimension) => dimension.path === path).values
  const numeric = order.every((value) => typeof value === 'number')
  const names = (numeric ? d3.sort(order) : order).map(nameOf)
  const rows = points.flatMap((point) =>
    point.metrics[metric].means.map((row) => ({ ...row, at: nameOf(point.values[path]) })),
  )
  if (rows.length === 0) return nothing('No values of this metric.')
  const { suffix } = points[0].metrics[metric]
  // All panels share their vertical axis.
  const everywhere = data.points.flatMap((point) => point.metrics[metric].means)
  const [low, high] = d3.extent(everywhere.flatMap(({ value, interval }) => [value, ...(interval ?? [])]))
  const margin = (high - low || Math.abs(high) || 1) * 0.06
  const domain = [low - margin, high + margin]
  const format = d3.scaleLinear(domain).tickFormat(5)
  const tickText = (value) =>
    axisNumber(
      Number(
        format(value)
          .replace(/[\u2212]/g, '-')
          .replace(/,/g, ''),
      ),
    )
  const marginLeft = widestText(d3.ticks(...domain, 5).map(tickText)) + 14
  const inner = slot.clientWidth - marginLeft - 10
  const room = inner / names.length
  const policies = data.policies.map(({ label }) => label)
  const step = Math.min(9, (room * 0.7) / policies.length)
  return frame(slot, {
    marginLeft,
    marginRight: 10,
    marginTop: 24,
    marginBottom: 44,
    x: { type: 'point', domain: names, label: null, padding: 0.5 },
    y: { domain, label: null },
    marks: [
      Plot.gridY({ ticks: 5, strokeOpacity: 1, stroke: 'var(--grid)' }),
      Plot.axisY({
        ticks: 5,
        tickSize: 0,
        tickFormat: tickText,
        fill: 'var(--muted)',
        label: suffix || null,
        labelArrow: 'none',
      }),
      Plot.axisX({
        tickSize: 0,
        tickFormat: (name) => fitText(name, room - 4),
        fill: 'var(--muted)',
        label: path,
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 38,
      }),
      ...policies.flatMap((policy, i) => {
        const own = rows.filter((row) => row.policy === policy)
        const stroke = styleOf(policy).colour
        const dx = (i - (policies.length - 1) / 2) * step
        const ends = { x: 'at', y1: ({ interval }) => interval[0], y2: ({ interval }) => interval[1] }
        return [
          Plot.line(own, {
            x: 'at',
            y: 'value',
            dx,
            stroke,
            strokeOpacity: 0.35,
            sort: ({ at }) => names.indexOf(at),
          }),
          Plot.ruleX(
            own.filter(({ interval }) => interval),
            { ...ends, dx, stroke, strokeWidth: 2 },
          ),
          Plot.dot(own, { x: 'at', y: 'value', dx, r: 3.5, fill: stroke }),
          tip(own, { x: 'at', y: 'value', dx, title: 'tip', maxRadius: 16 }),
        ]
      }),
    ],
  })
}
