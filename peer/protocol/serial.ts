// A live stream never ends, its chunk numbers on the wire have 16 bits: they are serial numbers as of RFC 1982, the
// low bits of the full number that everybody counts with. Numbers less than half the circle apart are told apart safely.

const SERIAL_BITS = 16

/** Numbers on the circle. */
export const SERIALS = 1 << SERIAL_BITS

/** The number on the wire of a chunk's full number. */
export const serialOf = (number: number): number => number % SERIALS

/** How far `to` is ahead of `from` on the circle: -32,768 to 32,767, negative where it is behind (RFC 1982, 3.2). */
export function serialDistance(from: number, to: number): number {
  return ((to - from) << (32 - SERIAL_BITS)) >> (32 - SERIAL_BITS)
}

/** The full number with that serial that is nearest to `near`, or a negative one where that lies before the stream's start. */
export function fullNumber(serial: number, near: number): number {
  return near + serialDistance(serialOf(near), serial)
}
