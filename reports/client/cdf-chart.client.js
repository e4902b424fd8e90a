import { choiceOf, choices, currentPoint, styleOf } from './data.client.js'
import { frame, nothing, fittingTicks, tip } from './frame.client.js'
import { d3, Plot } from './libraries.client.js'
import { axisNumber, tipNumber } from './text.client.js'

/** Ticks at 1, 2 and 5 times powers of ten, or fewer where they would not fit. */
export function logTicks([low, high], count) {
  const powers = d3.range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)) + 1)
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = powers
      .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(3))))
      .filter((tick) => tick >= low && tick <= high)
    if (ticks.length <= count || steps.length === 1) return ticks
  }
}

/** How a line looks when one policy is brought out. */
export function emphasis(policy) {
  const chosen = choices.policy
  return {
    strokeWidth: chosen === policy ? 3.5 : 2,
    strokeOpacity: chosen === null || chosen === policy ? 1 : 0.18,
  }
}

/** Points that answer to the pointer: all, or those of the chosen policy. */
export function tipRows(points) {
  return choices.policy === null ? points : points.filter(({ policy }) => policy === choices.policy)
}

/** The chosen policy last, so that its line lies on top. */
export function chosenLast(lines) {
  return d3.sort(lines, ({ policy }) => Number(policy === choices.policy))
}

/** Cumulative distributions, a line for each policy. */
export function cdfChart(slot) {
  const { axis, suffix, lines } = currentPoint().distributions[slot.dataset.distribution]
  if (lines.length === 0) return nothing('No values at this matrix point.')
  const log = choiceOf(slot.dataset.axis, 'linear') === 'log'
  const low = d3.min(lines, ({ values }) => values.find((value, i) => i > 0 && (!log || value > 0)))
  const high = d3.max(lines, ({ values }) => values.at(-2))
  if (log && !(low > 0)) return nothing('No values above 0 to draw on a logarithmic axis.')
  const domain = low < high ? [low, high] : [low * 0.9, high * 1.1 + 1]
  const marginLeft = 50
  const inner = slot.clientWidth - marginLeft - 18
  const points = lines.flatMap(({ policy, values, shares }) =>
    values.map((value, i) => ({ policy, value, share: shares[i] })),
  )
  const inside = tipRows(points).filter(({ value }) => value >= domain[0] && value <= domain[1])
  return frame(slot, {
    marginLeft,
    marginRight: 18,
    marginTop: 10,
    marginBottom: 44,
    x: { type: log ? 'log' : 'linear', domain, label: null },
    y: { domain: [0, 100], label: null },
    marks: [
      Plot.gridY({ ticks: 5, strokeOpacity: 1, stroke: 'var(--grid)' }),
      Plot.axisY({ ticks: 5, tickSize: 0, tickFormat: (value) => `${value} %`, fill: 'var(--muted)' }),
      Plot.axisX({
        ticks: log ? logTicks(domain, inner / 56) : fittingTicks(domain, inner),
        tickSize: 4,
        tickFormat: axisNumber,
        fill: 'var(--muted)',
        label: `${axis}, ${suffix}`,
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 38,
      }),
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
      ...chosenLast(lines).map(({ policy }) =>
        Plot.line(
          points.filter((point) => point.policy === policy && (!log || point.value > 0)),
          {
            x: 'value',
            y: 'share',
            stroke: styleOf(policy).colour,
            strokeDasharray: styleOf(policy).dash,
            clip: true,
            ariaLabel: 'policy',
            ...emphasis(policy),
          },
        ),
      ),
      tip(inside, {
        x: 'value',
        y: 'share',
        title: ({ policy, value, share }) =>
          `${policy}\n${tipNumber(share)} % within ${tipNumber(value)} ${suffix}`,
      }),
    ],
  })
}
