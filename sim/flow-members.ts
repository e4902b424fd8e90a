import { FIRST, LIMITED, LINK_INTS, MEMBERS, SIZE_CLASS, type LinkTable } from './flow-links.ts'
import { FLOW_DOUBLES, FLOW_INTS, POSITIONS, TARGET, type FlowTable } from './flow-table.ts'

const SMALLEST_LIST = 4

/**
 * The flows of every link, as member entries `flow * 8 + place of the link in the flow's path`, in one pool of
 * power-of-two lists. Each list starts with the flows the link limits, as a 4-ary heap by (target, start
 * sequence): the first of them ends first. The others follow in no particular order.
 */
export class MemberLists {
  cells = new Int32Array(1024)
  private readonly flows: FlowTable
  private readonly links: LinkTable
  private used = 0
  private readonly freeLists = new Int32Array(31).fill(-1)

  constructor(flows: FlowTable, links: LinkTable) {
    this.flows = flows
    this.links = links
  }

  /** Adds a flow that the link does not limit. */
  add(link: number, flow: number, place: number): void {
    const record = link * LINK_INTS
    const count = this.links.ints[record + MEMBERS]
    const sizeClass = this.links.ints[record + SIZE_CLASS]
    if (sizeClass < 0 || count === SMALLEST_LIST << sizeClass) this.enlarge(record, count, sizeClass)
    const ints = this.links.ints
    ints[record + MEMBERS] = count + 1
    this.cells[ints[record + FIRST] + count] = flow * 8 + place
    this.flows.ints[flow * FLOW_INTS + POSITIONS + place] = count
  }

  /** Removes a flow that the link does not limit. */
  remove(link: number, flow: number, place: number): void {
    const ints = this.links.ints
    const record = link * LINK_INTS
    const first = ints[record + FIRST]
    const last = --ints[record + MEMBERS]
    const position = this.flows.ints[flow * FLOW_INTS + POSITIONS + place]
    if (position !== last) this.put(first, position, this.cells[first + last])
  }

  /** Counts the flow, whose target is set, among those that the link limits. */
  limit(link: number, flow: number, place: number): void {
    const ints = this.links.ints
    const record = link * LINK_INTS
    const first = ints[record + FIRST]
    const limited = ints[record + LIMITED]++
    const position = this.flows.ints[flow * FLOW_INTS + POSITIONS + place]
    if (position !== limited) this.put(first, position, this.cells[first + limited])
    this.rise(first, limited, flow * 8 + place)
  }

  /** Takes the flow out of those that the link limits; its target must be as it was. */
  unlimit(link: number, flow: number, place: number): void {
    const ints = this.links.ints
    const record = link * LINK_INTS
    const first = ints[record + FIRST]
    const last = --ints[record + LIMITED]
    const position = this.flows.ints[flow * FLOW_INTS + POSITIONS + place]
    if (position === last) return
    const moved = this.cells[first + last]
    if (position > 0 && this.before(moved, this.cells[first + ((position - 1) >> 2)])) {
      this.rise(first, position, moved)
    } else {
      this.sink(first, position, last, moved)
    }
    this.put(first, last, flow * 8 + place)
  }

  private put(first: number, position: number, entry: number): void {
    this.cells[first + position] = entry
    this.flows.ints[(entry >> 3) * FLOW_INTS + POSITIONS + (entry & 7)] = position
  }

  private before(one: number, other: number): boolean {
    const targets = this.flows.doubles
    const left = targets[(one >> 3) * FLOW_DOUBLES + TARGET]
    const right = targets[(other >> 3) * FLOW_DOUBLES + TARGET]
    return (
      left < right || (left === right && this.flows.sequences[one >> 3] < this.flows.sequences[other >> 3])
    )
  }

  private rise(first: number, position: number, entry: number): void {
    let hole = position
    while (hole > 0) {
      const parent = (hole - 1) >> 2
      const above = this.cells[first + parent]
      if (!this.before(entry, above)) break
      this.put(first, hole, above)
      hole = parent
    }
    this.put(first, hole, entry)
  }

  private sink(first: number, position: number, size: number, entry: number): void {
    let hole = position
    for (;;) {
      let child = hole * 4 + 1
      if (child >= size) break
      const end = Math.min(child + 4, size)
      let best = this.cells[first + child]
      let bestAt = child
      while (++child < end) {
        const candidate = this.cells[first + child]
        if (this.before(candidate, best)) {
          best = candidate
          bestAt = child
        }
      }
      if (!this.before(best, entry)) break
      this.put(first, hole, best)
      hole = bestAt
    }
    this.put(first, hole, entry)
  }

  /** Moves a full list to one of twice its size; lists given back are chained through their first cell. */
  private enlarge(record: number, count: number, sizeClass: number): void {
    const ints = this.links.ints
    const from = ints[record + FIRST]
    const next = sizeClass + 1
    let to = this.freeLists[next]
    if (to >= 0) {
      this.freeLists[next] = this.cells[to]
    } else {
      to = this.used
      this.used += SMALLEST_LIST << next
      if (this.used > this.cells.length) this.growPool()
    }
    this.cells.copyWithin(to, from, from + count)
    if (sizeClass >= 0) {
      this.cells[from] = this.freeLists[sizeClass]
      this.freeLists[sizeClass] = from
    }
    ints[record + FIRST] = to
    ints[record + SIZE_CLASS] = next
  }

  private growPool(): void {
    const cells = new Int32Array(Math.max(this.used, this.cells.length * 2))
    cells.set(this.cells)
    this.cells = cells
  }
}
