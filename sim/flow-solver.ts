import { FlowConvergenceError } from './flow-errors.ts'
import type { FlowHeap } from './flow-heap.ts'
import {
  CAPACITY,
  FIRST,
  FIXED,
  FLAGS,
  FORCED,
  LEVEL,
  LIMITED,
  LINK_DOUBLES,
  LINK_INTS,
  LOAD,
  MEMBERS,
  QUEUED,
  SERVED,
  SETTLED_MS,
  TOUCHED,
  type LinkTable,
} from './flow-links.ts'
import type { MemberLists } from './flow-members.ts'
import { FLOW_DOUBLES, FLOW_INTS, LENGTH, LIMIT, LINKS, RATE, TARGET, type FlowTable } from './flow-table.ts'

/**
 * Incremental max-min fair rates. A link's level is the share at which it is just full, its flows taking no
 * more than the levels of their other links; a flow's rate is the lowest level on its path. A link is visited
 * only when its load says that its level is off by more than the tolerance, and a visit changes the loads of
 * the links next to it, until the worklist is empty.
 *
 * A flow's bytes are not counted one by one: each link sums the bytes served to any flow it limits, and the
 * flow ends when that sum reaches its target. A change of level thus leaves the order of ends on a link as it
 * was, and only the link's earliest end moves in the heap of finish times.
 */
export class FlowSolver {
  rateUpdates = 0
  linkVisits = 0

  private readonly flows: FlowTable
  private readonly links: LinkTable
  private readonly members: MemberLists
  private readonly due: FlowHeap
  private readonly tolerance: number
  private queue = new Int32Array(64)
  private queueHead = 0
  private queued = 0
  private touched = new Int32Array(64)
  private touchedCount = 0
  private entries = new Int32Array(64)
  private limits = new Float64Array(64)

  constructor(flows: FlowTable, links: LinkTable, members: MemberLists, due: FlowHeap, tolerance: number) {
    this.flows = flows
    this.links = links
    this.members = members
    this.due = due
    this.tolerance = tolerance
  }

  /** Whether levels or finish times wait to be computed. */
  get unsettled(): boolean {
    return this.queued > 0 || this.touchedCount > 0
  }

  /** Makes room for links 0 … count − 1. */
  reserve(count: number): void {
    this.due.reserve(count)
    if (count <= this.queue.length) return
    const queue = new Int32Array(this.queue.length * 2)
    for (let i = 0; i < this.queued; i++)
      queue[i] = this.queue[(this.queueHead + i) & (this.queue.length - 1)]
    this.queue = queue
    this.queueHead = 0
  }

  /** Gives a flow that is on its links' lists a first rate, and queues the links this puts out of balance. */
  place(flow: number, nowMs: number): void {
    const record = flow * FLOW_INTS
    let place = this.tightest(record, -1)
    let link = this.flows.ints[record + LINKS + place]
    let level = this.links.doubles[link * LINK_DOUBLES + LEVEL]
    if (level === Infinity) {
      place = this.narrowest(record)
      link = this.flows.ints[record + LINKS + place]
      if (this.links.ints[link * LINK_INTS + MEMBERS] > 1) return this.enqueue(link, FORCED)
      level = this.links.doubles[link * LINK_DOUBLES + CAPACITY]
      this.links.doubles[link * LINK_DOUBLES + LEVEL] = level
    }
    this.bind(flow, place, nowMs)
    this.setRate(flow, level, -1)
  }

  /** Takes a flow off its links, which are queued where that puts them out of balance. */
  withdraw(flow: number, nowMs: number): void {
    const record = flow * FLOW_INTS
    const rate = this.flows.doubles[flow * FLOW_DOUBLES + RATE]
    const length = this.flows.ints[record + LENGTH]
    if (this.flows.ints[record + LIMIT] >= 0) this.unbind(flow, nowMs)
    for (let place = 0; place < length; place++) {
      const link = this.flows.ints[record + LINKS + place]
      this.members.remove(link, flow, place)
      if (this.links.ints[link * LINK_INTS + MEMBERS] === 0) {
        this.links.doubles[link * LINK_DOUBLES + LOAD] = 0
      } else {
        this.links.doubles[link * LINK_DOUBLES + LOAD] -= rate
        this.check(link)
      }
    }
  }

  /** Queues the link where its load does not fit its capacity and level within the tolerance. */
  check(link: number): void {
    const flags = this.links.ints[link * LINK_INTS + FLAGS]
    if ((flags & (QUEUED | FIXED)) === 0 && this.unbalanced(link)) this.enqueue(link, 0)
  }

  /** Works off the worklist, then brings the heap of finish times up to date. */
  solve(nowMs: number): void {
    const patience = this.linkVisits + 1000 + 100 * this.links.count
    while (this.queued > 0) {
      const link = this.queue[this.queueHead]
      this.queueHead = (this.queueHead + 1) & (this.queue.length - 1)
      this.queued--
      const flags = this.links.ints[link * LINK_INTS + FLAGS]
      this.links.ints[link * LINK_INTS + FLAGS] = flags & ~(QUEUED | FORCED)
      if ((flags & FORCED) === 0 && !this.unbalanced(link)) continue
      if (this.linkVisits === patience) {
        throw new FlowConvergenceError(patience, this.links.count, nowMs)
      }
      this.visit(link, nowMs)
    }
    for (let i = 0; i < this.touchedCount; i++) this.refresh(this.touched[i], nowMs)
    this.touchedCount = 0
  }

  /** Computes the link's earliest finish time if something changed it; false if nothing did. */
  refresh(link: number, nowMs: number): boolean {
    const ints = this.links.ints
    const record = link * LINK_INTS
    if ((ints[record + FLAGS] & TOUCHED) === 0) return false
    ints[record + FLAGS] &= ~TOUCHED
    if (ints[record + LIMITED] === 0) {
      this.due.set(link, Infinity)
      return true
    }
    const doubles = this.links.doubles
    const at = link * LINK_DOUBLES
    const first = this.members.cells[ints[record + FIRST]] >> 3
    const bytesLeft = this.flows.doubles[first * FLOW_DOUBLES + TARGET] - doubles[at + SERVED]
    const delayMs = bytesLeft > 0 ? (bytesLeft / doubles[at + LEVEL]) * 1000 : 0
    this.due.set(link, Math.max(doubles[at + SETTLED_MS] + delayMs, nowMs))
    return true
  }

  private unbalanced(link: number): boolean {
    const at = link * LINK_DOUBLES
    const doubles = this.links.doubles
    const excess = doubles[at + LOAD] - doubles[at + CAPACITY]
    const limited = this.links.ints[link * LINK_INTS + LIMITED]
    if (limited === 0) {
      return excess * this.links.ints[link * LINK_INTS + MEMBERS] > this.tolerance * doubles[at + CAPACITY]
    }
    return Math.abs(excess) > this.tolerance * limited * doubles[at + LEVEL]
  }

  private enqueue(link: number, flag: number): void {
    const record = link * LINK_INTS + FLAGS
    const flags = this.links.ints[record]
    this.links.ints[record] = flags | QUEUED | flag
    if ((flags & QUEUED) !== 0) return
    this.queue[(this.queueHead + this.queued) & (this.queue.length - 1)] = link
    this.queued++
  }

  /** Solves the sum over flows of min(level, limit elsewhere) = capacity for the level, and spreads it. */
  private visit(link: number, nowMs: number): void {
    this.linkVisits++
    const record = link * LINK_INTS
    const count = this.links.ints[record + MEMBERS]
    this.gather(this.links.ints[record + FIRST], count)
    const level = this.waterLevel(this.links.doubles[link * LINK_DOUBLES + CAPACITY], count)
    this.links.settle(link, nowMs)
    this.touch(link)
    let load = 0
    for (let i = 0; i < count; i++) {
      const flow = this.entries[i] >> 3
      const place = this.entries[i] & 7
      const limit = this.limits[i]
      const bound = this.flows.ints[flow * FLOW_INTS + LIMIT]
      if (level < limit) {
        if (bound !== place) {
          if (bound >= 0) this.unbind(flow, nowMs)
          this.bind(flow, place, nowMs)
        }
        load += level
        this.setRate(flow, level, place)
      } else {
        if (bound === place || bound < 0) {
          if (bound >= 0) this.unbind(flow, nowMs)
          this.bind(flow, this.tightest(flow * FLOW_INTS, place), nowMs)
        }
        load += limit
        this.setRate(flow, limit, place)
      }
    }
    this.links.doubles[link * LINK_DOUBLES + LOAD] = load
    this.links.doubles[link * LINK_DOUBLES + LEVEL] = this.links.ints[record + LIMITED] > 0 ? level : Infinity
  }

  /** Copies a link's members, and what each could get on its other links, since a visit reorders the list. */
  private gather(first: number, count: number): void {
    if (count > this.entries.length) {
      this.entries = new Int32Array(count * 2)
      this.limits = new Float64Array(count * 2)
    }
    const { entries, limits } = this
    const cells = this.members.cells
    const ints = this.flows.ints
    const levels = this.links.doubles
    for (let i = 0; i < count; i++) {
      const entry = cells[first + i]
      const record = (entry >> 3) * FLOW_INTS
      const place = entry & 7
      const length = ints[record + LENGTH]
      let limit = Infinity
      for (let other = 0; other < length; other++) {
        if (other === place) continue
        const level = levels[ints[record + LINKS + other] * LINK_DOUBLES + LEVEL]
        if (level < limit) limit = level
      }
      entries[i] = entry
      limits[i] = limit
    }
  }

  private waterLevel(capacityBps: number, count: number): number {
    const limits = this.limits
    let level = capacityBps / count
    let limitedHere = count
    for (;;) {
      let left = capacityBps
      let here = 0
      for (let i = 0; i < count; i++) {
        if (limits[i] < level) left -= limits[i]
        else here++
      }
      // Fewer and fewer are limited here; more of them would be rounding at a tie.
      if (here >= limitedHere) return level
      if (here === 0) return Infinity
      limitedHere = here
      level = left / here
    }
  }

  /** Sets a flow's rate and charges the change to its links, except the one at `skip`, which is being visited. */
  private setRate(flow: number, rate: number, skip: number): void {
    const at = flow * FLOW_DOUBLES + RATE
    const change = rate - this.flows.doubles[at]
    if (change === 0) return
    this.flows.doubles[at] = rate
    this.rateUpdates++
    const record = flow * FLOW_INTS
    const length = this.flows.ints[record + LENGTH]
    for (let place = 0; place < length; place++) {
      if (place === skip) continue
      const link = this.flows.ints[record + LINKS + place]
      this.links.doubles[link * LINK_DOUBLES + LOAD] += change
      this.check(link)
    }
  }

  /** Makes the link at `place` the one that limits the flow. */
  private bind(flow: number, place: number, nowMs: number): void {
    const link = this.flows.ints[flow * FLOW_INTS + LINKS + place]
    this.links.settle(link, nowMs)
    this.flows.doubles[flow * FLOW_DOUBLES + TARGET] += this.links.doubles[link * LINK_DOUBLES + SERVED]
    this.flows.ints[flow * FLOW_INTS + LIMIT] = place
    this.members.limit(link, flow, place)
    this.touch(link)
  }

  private unbind(flow: number, nowMs: number): void {
    const place = this.flows.ints[flow * FLOW_INTS + LIMIT]
    const link = this.flows.ints[flow * FLOW_INTS + LINKS + place]
    const doubles = this.links.doubles
    const at = link * LINK_DOUBLES
    this.links.settle(link, nowMs)
    this.members.unlimit(link, flow, place)
    const bytesLeft = this.flows.doubles[flow * FLOW_DOUBLES + TARGET] - doubles[at + SERVED]
    this.flows.doubles[flow * FLOW_DOUBLES + TARGET] = bytesLeft > 0 ? bytesLeft : 0
    this.flows.ints[flow * FLOW_INTS + LIMIT] = -1
    this.touch(link)
    if (this.links.ints[link * LINK_INTS + LIMITED] > 0) return
    // Starting the sum anew keeps it small, and with it the rounding error.
    doubles[at + SERVED] = 0
    if ((this.links.ints[link * LINK_INTS + FLAGS] & FIXED) === 0) doubles[at + LEVEL] = Infinity
  }

  private touch(link: number): void {
    const record = link * LINK_INTS + FLAGS
    if ((this.links.ints[record] & TOUCHED) !== 0) return
    this.links.ints[record] |= TOUCHED
    if (this.touchedCount === this.touched.length) {
      const touched = new Int32Array(this.touchedCount * 2)
      touched.set(this.touched)
      this.touched = touched
    }
    this.touched[this.touchedCount++] = link
  }

  /** Place of the lowest level on the flow's path, the one at `skip` apart. */
  private tightest(record: number, skip: number): number {
    const length = this.flows.ints[record + LENGTH]
    let best = skip === 0 ? 1 : 0
    let lowest = Infinity
    for (let place = 0; place < length; place++) {
      if (place === skip) continue
      const level = this.links.doubles[this.flows.ints[record + LINKS + place] * LINK_DOUBLES + LEVEL]
      if (level < lowest) {
        lowest = level
        best = place
      }
    }
    return best
  }

  /** Place of the link with the least capacity per flow. */
  private narrowest(record: number): number {
    const length = this.flows.ints[record + LENGTH]
    let best = -1
    let least = Infinity
    for (let place = 0; place < length; place++) {
      const link = this.flows.ints[record + LINKS + place]
      const share =
        this.links.doubles[link * LINK_DOUBLES + CAPACITY] / this.links.ints[link * LINK_INTS + MEMBERS]
      if (share < least) {
        least = share
        best = place
      }
    }
    return best
  }
}
