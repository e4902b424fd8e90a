const context = document.createElement('canvas').getContext('2d')

/** Font of all text in charts. */
export const FONT = { family: getComputedStyle(document.body).fontFamily, size: 12 }

/** @param {string} text @returns {number} width in pixels */
export function textWidth(text) {
  context.font = `${FONT.size}px ${FONT.family}`
  return context.measureText(text).width
}

/** The widest of several texts, in pixels, rounded up. */
export function widestText(texts) {
  return Math.ceil(Math.max(0, ...texts.map(textWidth)))
}

/**
 * Shortens a text to a width.
 * @param {string} text @param {number} width in pixels
 */
export function fitText(text, width) {
  if (textWidth(text) <= width) return text
  const characters = [...text]
  while (characters.length > 1 && textWidth(`${characters.join('')}…`) > width) characters.pop()
  return `${characters.join('')}…`
}

/** Number with grouped thousands and a true minus, for axes. */
export function axisNumber(value) {
  const digits = Math.abs(value).toLocaleString('en-US', { maximumSignificantDigits: 6 })
  return value < 0 ? `−${digits}` : digits
}

/**
 * Number with a fixed number of significant digits, for tips.
 * @param {number} value @param {number} digits
 */
export function tipNumber(value, digits = 3) {
  return axisNumber(Number(value.toPrecision(digits)))
}
