/** Large buffers begin 16 bytes after a cache line, where glibc keeps their length: records begin at the next one. */
export const SKIPPED_DOUBLES = 6

/** An array with twice the room after the doubles that are `skipped`, and the same contents. */
export function doubled(array: Float64Array<ArrayBuffer>, skipped: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(skipped + 2 * (array.length - skipped))
  larger.set(array)
  return larger
}
