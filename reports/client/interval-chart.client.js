import { choiceOf, currentPoint, styleOf } from './data.client.js'
import { frame, nothing, fittingTicks, tip } from './frame.client.js'
import { d3, Plot } from './libraries.client.js'
import { axisNumber, fitText, widestText } from './text.client.js'

// With rowsHeight in page/section.ts, which keeps the room.
const [MARGIN_TOP, MARGIN_BOTTOM, ROW_HEIGHT] = [4, 30, 24]

const SYMBOLS = { baseline: 'square', oracle: 'diamond', policy: 'circle' }

/** Ends of the axis; shares of the oracle's gain stay readable however wide an interval is. */
function domainOf(rows, show) {
  const values = rows.flatMap(({ value, interval }) => [value, ...(interval ?? [])])
  if (show === 'differences') values.push(0)
  if (show === 'oracleShares') values.push(0, 100)
  let [low, high] = d3.extent(values)
  if (show === 'oracleShares') [low, high] = [Math.max(low, -100), Math.min(high, 200)]
  const margin = (high - low || Math.abs(high) || 1) * 0.06
  return [low - margin, high + margin]
}

function clamp(value, [low, high]) {
  return Math.min(high, Math.max(low, value))
}

/** Where the axis starts and ends for dots of means: the reference that everything is compared with. */
function references(rows, show) {
  if (show === 'differences') return [0]
  if (show === 'oracleShares') return [0, 100]
  return rows.filter(({ policy }) => styleOf(policy).role === 'baseline').map(({ value }) => value)
}

/** Dots with their 95 % intervals, a row for each policy. */
export function intervalChart(slot) {
  const show = slot.dataset.show === 'means' ? choiceOf('show', 'means') : slot.dataset.show
  const metric = currentPoint().metrics[slot.dataset.metric]
  const rows = metric[show]
  if (rows.length === 0) return nothing('No value at this matrix point.')
  const suffix = show === 'means' ? metric.suffix : '%'
  const labels = rows.map(({ policy }) => policy)
  const domain = domainOf(rows, show)
  const marginLeft = Math.min(widestText(labels), slot.clientWidth * 0.4) + 12
  const marginRight = widestText(rows.map(({ text }) => text)) + 14
  const format = (value) => axisNumber(value) + (suffix === '%' ? ' %' : '')
  const ticks = fittingTicks(domain, slot.clientWidth - marginLeft - marginRight, format)
  const color = ({ policy }) => styleOf(policy).colour
  const ends = rows.flatMap((row) =>
    (row.interval ?? []).flatMap((end, i) =>
      end === clamp(end, domain) ? [] : [{ ...row, end: domain[i], text: i === 0 ? '◂' : '▸' }],
    ),
  )
  return frame(slot, {
    height: MARGIN_TOP + MARGIN_BOTTOM + rows.length * ROW_HEIGHT,
    marginLeft,
    marginRight,
    marginTop: MARGIN_TOP,
    marginBottom: MARGIN_BOTTOM,
    x: { domain, label: null },
    y: { type: 'band', domain: labels, label: null, padding: 0 },
    symbol: { type: 'identity' },
    marks: [
      Plot.gridX({ ticks, strokeOpacity: 1, stroke: 'var(--grid)' }),
      Plot.axisX({
        ticks,
        tickSize: 0,
        tickFormat: format,
        fill: 'var(--muted)',
      }),
      Plot.axisY({ tickSize: 0, tickFormat: (label) => fitText(label, marginLeft - 12) }),
      Plot.ruleX(references(rows, show), { stroke: 'var(--baseline)', strokeDasharray: '4 3' }),
      Plot.link(
        rows.filter(({ interval }) => interval),
        {
          x1: ({ interval }) => clamp(interval[0], domain),
          x2: ({ interval }) => clamp(interval[1], domain),
          y1: 'policy',
          y2: 'policy',
          stroke: color,
          strokeWidth: 2,
          strokeLinecap: 'butt',
        },
      ),
      Plot.text(ends, { x: 'end', y: 'policy', text: 'text', fill: color, fontSize: 14 }),
      Plot.dot(rows, {
        x: ({ value }) => clamp(value, domain),
        y: 'policy',
        r: 4.5,
        symbol: ({ policy }) => SYMBOLS[styleOf(policy).role],
        stroke: color,
        strokeWidth: 2,
        fill: (row) => (row.hollow ? 'var(--surface)' : color(row)),
      }),
      Plot.text(rows, {
        y: 'policy',
        text: 'text',
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: marginRight,
        fill: 'var(--ink)',
        className: 'figures',
      }),
      tip(rows, { x: ({ value }) => clamp(value, domain), y: 'policy', title: 'tip' }, Plot.pointerY),
    ],
  })
}
