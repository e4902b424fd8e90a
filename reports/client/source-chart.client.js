import { currentPoint } from './data.client.js'
import { frame, nothing, fittingTicks, tip } from './frame.client.js'
import { Plot } from './libraries.client.js'
import { fitText, textWidth, tipNumber, widestText } from './text.client.js'

const KINDS = ['seeds', 'peers', 'origin']

/** Share of the bytes from each kind of source, a bar for each policy. */
export function sourceChart(slot) {
  const sources = currentPoint().sources.filter((source) => KINDS.some((kind) => source[kind] > 0))
  if (sources.length === 0) return nothing('No bytes were fetched at this matrix point.')
  const labels = sources.map(({ policy }) => policy)
  const parts = sources.flatMap((source) => {
    const total = KINDS.reduce((sum, kind) => sum + source[kind], 0)
    let before = 0
    return KINDS.map((kind) => {
      const share = (100 * source[kind]) / total
      before += share
      return { policy: source.policy, kind, share, x1: before - share, x2: before }
    })
  })
  const marginLeft = Math.min(widestText(labels), slot.clientWidth * 0.4) + 12
  const inBar = (part) => `${tipNumber(part.share, part.share < 10 ? 2 : 3)} %`
  const origins = parts.filter(({ kind }) => kind === 'origin')
  const marginRight = widestText(origins.map(inBar)) + 14
  const inner = slot.clientWidth - marginLeft - marginRight
  const fits = (part) => part.kind !== 'origin' && textWidth(inBar(part)) + 10 < (part.share / 100) * inner
  return frame(slot, {
    marginLeft,
    marginRight,
    marginTop: 4,
    marginBottom: 30,
    x: { domain: [0, 100], label: null },
    y: { type: 'band', domain: labels, label: null, padding: 0.18 },
    marks: [
      Plot.axisX({
        ticks: fittingTicks([0, 100], inner, (value) => `${value} %`),
        tickSize: 4,
        tickFormat: (value) => `${value} %`,
        fill: 'var(--muted)',
      }),
      Plot.axisY({ tickSize: 0, tickFormat: (label) => fitText(label, marginLeft - 12) }),
      Plot.barX(parts, {
        x1: 'x1',
        x2: 'x2',
        y: 'policy',
        fill: ({ kind }) => `var(--${kind})`,
        insetRight: 1,
      }),
      Plot.text(parts.filter(fits), {
        x: ({ x1, x2 }) => (x1 + x2) / 2,
        y: 'policy',
        text: inBar,
        fill: ({ kind }) => `var(--on-${kind})`,
      }),
      Plot.text(origins, {
        y: 'policy',
        text: inBar,
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: marginRight,
        className: 'figures',
      }),
      tip(
        parts.filter(({ share }) => share > 0),
        {
          x: ({ x1, x2 }) => (x1 + x2) / 2,
          y: 'policy',
          title: (part) =>
            `${part.policy}\n${inBar(part)} from ${part.kind === 'origin' ? 'the origin' : part.kind}`,
        },
      ),
    ],
  })
}
