import { uncountedBuffer } from '../peer/core/uncounted-buffer.ts'

/** Large buffers begin 16 bytes after a cache line, where glibc keeps their length: records begin at the next one. */
export const SKIPPED_DOUBLES = 6

/** An array with twice the room after the doubles that are `skipped`, and the same contents. */
export function doubled(array: Float64Array, skipped: number): Float64Array {
  const larger = new Float64Array(uncountedBuffer(8 * (skipped + 2 * (array.length - skipped))))
  larger.set(array)
  return larger
}
