import { chosenLast, emphasis, tipRows } from './cdf-chart.client.js'
import { currentPoint, styleOf } from './data.client.js'
import { frame, nothing, tip } from './frame.client.js'
import { Plot } from './libraries.client.js'
import { tipNumber } from './text.client.js'

/** Lorenz curves of the bytes sent, a line for each policy. */
export function lorenzChart(slot) {
  const { lorenz } = currentPoint()
  if (lorenz.length === 0) return nothing('No peer sent anything at this matrix point.')
  const points = lorenz.flatMap(({ policy, shares }) =>
    shares.map((share, i) => ({ policy, peers: (100 * i) / (shares.length - 1), share })),
  )
  const percent = { domain: [0, 100], label: null }
  const axis = { ticks: 5, tickFormat: (value) => `${value} %`, fill: 'var(--muted)' }
  const title = {
    labelAnchor: 'center',
    labelArrow: 'none',
    label: 'peers, least used first',
    labelOffset: 38,
  }
  return frame(slot, {
    marginLeft: 50,
    marginRight: 22,
    marginTop: 24,
    marginBottom: 44,
    x: percent,
    y: percent,
    marks: [
      Plot.gridX({ ticks: 5, strokeOpacity: 1, stroke: 'var(--grid)' }),
      Plot.gridY({ ticks: 5, strokeOpacity: 1, stroke: 'var(--grid)' }),
      Plot.axisX({ ...axis, ...title, tickSize: 4 }),
      Plot.axisY({ ...axis, tickSize: 0, label: 'bytes sent', labelArrow: 'none' }),
      Plot.link([0], { x1: 0, y1: 0, x2: 100, y2: 100, stroke: 'var(--muted)', strokeDasharray: '4 3' }),
      ...chosenLast(lorenz).map(({ policy }) =>
        Plot.line(
          points.filter((point) => point.policy === policy),
          {
            x: 'peers',
            y: 'share',
            stroke: styleOf(policy).colour,
            strokeDasharray: styleOf(policy).dash,
            ariaLabel: 'policy',
            ...emphasis(policy),
          },
        ),
      ),
      tip(tipRows(points), {
        x: 'peers',
        y: 'share',
        title: ({ policy, peers, share }) =>
          `${policy}\nthe least used ${tipNumber(peers)} % of peers sent ${tipNumber(share)} %`,
      }),
    ],
  })
}
