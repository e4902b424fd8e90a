import { d3, Plot } from './libraries.client.js'
import { axisNumber, FONT, widestText } from './text.client.js'

/**
 * A plot with the settings that all charts share.
 * @param {HTMLElement} slot
 * @param {object} options of Plot.plot
 */
export function frame(slot, options) {
  const figure = Plot.plot({
    width: slot.clientWidth,
    height: Number(slot.dataset.height),
    ariaLabel: slot.dataset.label,
    style: { fontFamily: FONT.family, fontSize: `${FONT.size}px`, overflow: 'visible' },
    ...options,
  })
  figure.setAttribute('role', 'img')
  return figure
}

/** Line shown where there is nothing to draw. */
export function nothing(text) {
  const paragraph = document.createElement('p')
  paragraph.className = 'nothing'
  paragraph.textContent = text
  return paragraph
}

/**
 * As many round values of an axis as have room for their labels.
 * @param {[number, number]} domain
 * @param {number} width of the axis in pixels
 * @param {(value: number) => string} format
 */
export function fittingTicks(domain, width, format = axisNumber) {
  for (let count = 8; count > 1; count--) {
    const ticks = d3.ticks(...domain, count)
    if (ticks.length * (widestText(ticks.map(format)) + 16) <= width) return ticks
  }
  return d3.ticks(...domain, 1)
}

/** Tip at the pointer; `title` is a channel of text. */
export function tip(rows, channels, pointer = Plot.pointer) {
  const look = {
    fill: 'var(--surface)',
    stroke: 'var(--axis)',
    fontSize: FONT.size,
    lineHeight: 1.35,
    textPadding: 9,
  }
  return Plot.tip(rows, pointer({ maxRadius: 40, ...look, ...channels }))
}
