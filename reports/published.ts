/** Whether a cell's point has all the values that a published figure was measured for. */
export function pointMatches(wanted: Record<string, unknown>, point: Record<string, unknown>): boolean {
  return Object.entries(wanted).every(
    ([path, value]) => JSON.stringify(point[path]) === JSON.stringify(value),
  )
}
