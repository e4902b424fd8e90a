/** What the page was made with; its shape is ChartData in page/chart-data.ts. */
export const data = JSON.parse(document.getElementById('chart-data').textContent)

/** What the reader chose. */
export const choices = { point: 0, policy: null }

const styles = new Map(data.policies.map((style) => [style.label, style]))

/** @param {string} label of a policy */
export function styleOf(label) {
  return styles.get(label)
}

/** The chosen matrix point. */
export function currentPoint() {
  return data.points[choices.point]
}

/**
 * Value of a group of radio buttons.
 * @param {string} control
 * @param {string} otherwise where the group is not on the page
 */
export function choiceOf(control, otherwise) {
  return document.querySelector(`input[name="${control}"]:checked`)?.value ?? otherwise
}
