/** A link's record is 64 bytes: 8 doubles or 16 integers of the same buffer. */
export const LINK_DOUBLES = 8
export const LINK_INTS = 16
/** Double: water level, the fair share in bytes per second; Infinity while the link limits no flow. */
export const LEVEL = 0
/** Double: sum of the rates of the link's flows, bytes per second. */
export const LOAD = 1
/** Double: capacity, bytes per second. */
export const CAPACITY = 2
/** Double: bytes that every flow limited by this link has been served up to `SETTLED_MS`. */
export const SERVED = 3
/** Double: simulated time of the last change, ms. */
export const SETTLED_MS = 4
/** Integers: first cell of the member list, members, members limited here, size class of the list, flags. */
export const FIRST = 10
export const MEMBERS = 11
export const LIMITED = 12
export const SIZE_CLASS = 13
export const FLAGS = 14

/** Waits in the worklist. */
export const QUEUED = 1
/** The level is a flow's rate cap and never moves. */
export const FIXED = 2
/** To be visited even if its load looks right. */
export const FORCED = 4
/** Its earliest finish time has to be computed anew. */
export const TOUCHED = 8

/** Link records in one growable buffer. */
export class LinkTable {
  count = 0
  doubles = new Float64Array(64 * LINK_DOUBLES)
  ints = new Int32Array(this.doubles.buffer)

  /** Adds a link without flows and returns its index. */
  add(capacityBps: number, flags: number): number {
    const link = this.count++
    if (link * LINK_DOUBLES === this.doubles.length) this.grow()
    this.doubles[link * LINK_DOUBLES + LEVEL] = Infinity
    this.doubles[link * LINK_DOUBLES + CAPACITY] = capacityBps
    this.ints[link * LINK_INTS + SIZE_CLASS] = -1
    this.ints[link * LINK_INTS + FLAGS] = flags
    return link
  }

  isFixed(link: number): boolean {
    return (this.ints[link * LINK_INTS + FLAGS] & FIXED) !== 0
  }

  /** Brings the bytes served per limited flow up to `nowMs`; call before the level changes. */
  settle(link: number, nowMs: number): void {
    const doubles = this.doubles
    const at = link * LINK_DOUBLES
    const elapsedMs = nowMs - doubles[at + SETTLED_MS]
    if (elapsedMs === 0) return
    if (this.ints[link * LINK_INTS + LIMITED] > 0)
      doubles[at + SERVED] += (doubles[at + LEVEL] * elapsedMs) / 1000
    doubles[at + SETTLED_MS] = nowMs
  }

  private grow(): void {
    const doubles = new Float64Array(this.doubles.length * 2)
    doubles.set(this.doubles)
    this.doubles = doubles
    this.ints = new Int32Array(doubles.buffer)
  }
}
