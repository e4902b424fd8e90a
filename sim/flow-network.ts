import { FlowArgumentError } from './flow-errors.ts'
import { FlowHeap } from './flow-heap.ts'
import {
  CAPACITY,
  FIRST,
  FIXED,
  LEVEL,
  LINK_DOUBLES,
  LINK_INTS,
  LIMITED,
  LOAD,
  LinkTable,
  MEMBERS,
  SERVED,
  SETTLED_MS,
} from './flow-links.ts'
import { MemberLists } from './flow-members.ts'
import { FlowSolver } from './flow-solver.ts'
import {
  FLOW_DOUBLES,
  FLOW_INTS,
  FlowTable,
  LENGTH,
  LIMIT,
  LINKS,
  MAX_PATH_LINKS,
  RATE,
  TARGET,
} from './flow-table.ts'
import type { EventHandle, Kernel } from './kernel.ts'

/** Names a link; opaque, not necessarily consecutive. */
export type LinkIndex = number
/** Names a flow; stale once it has finished or was aborted. */
export type FlowId = number
/** Called when a flow has sent all its bytes, after the flow is gone. */
export type FlowDone<A, B> = (flow: FlowId, a: A, b: B) => void

export interface FlowNetworkOptions {
  /**
   * Relative error of a link's fair share up to which it is left as it is. Default 0.0001. It matters on links
   * that limit more than 1 / tolerance flows, where a larger one saves much work; elsewhere every start and
   * end exceeds it.
   */
  tolerance?: number
}

const DEFAULT_TOLERANCE = 1e-4

/** What the network has done so far. */
export interface FlowCounters {
  starts: number
  completions: number
  aborts: number
  rateUpdates: number
  linkVisits: number
}

/**
 * Flow-level network: transfers share the links they cross max-min fairly, instantly and without loss.
 * All capacities and rates are in bytes per second, times in ms of the kernel. Changes take effect at the
 * end of the simulated instant, so that any number of them at one time costs one solution.
 */
export class FlowNetwork {
  private readonly kernel: Kernel
  private readonly flows = new FlowTable()
  private readonly links = new LinkTable()
  private readonly members = new MemberLists(this.flows, this.links)
  private readonly due = new FlowHeap()
  private readonly solver: FlowSolver
  private readonly path = new Int32Array(MAX_PATH_LINKS)
  private readonly spareCapLinks: number[] = []
  private readonly onInstantEnd = (): void => {
    this.settleRequested = false
    this.settle()
  }
  private readonly onDue = (): void => {
    this.alarmMs = Infinity
    this.completeDue()
  }
  private settleRequested = false
  private alarmMs = Infinity
  private alarm: EventHandle = 0
  private starts = 0
  private completions = 0
  private aborts = 0

  constructor(kernel: Kernel, options: FlowNetworkOptions = {}) {
    const tolerance = options.tolerance ?? DEFAULT_TOLERANCE
    if (!(tolerance >= 1e-9 && tolerance <= 0.1)) {
      throw new FlowArgumentError('tolerance', tolerance, '0.000000001 to 0.1')
    }
    this.kernel = kernel
    this.solver = new FlowSolver(this.flows, this.links, this.members, this.due, tolerance)
  }

  /** Flows that are neither finished nor aborted. */
  get active(): number {
    return this.flows.live
  }

  counters(): FlowCounters {
    return {
      starts: this.starts,
      completions: this.completions,
      aborts: this.aborts,
      rateUpdates: this.solver.rateUpdates,
      linkVisits: this.solver.linkVisits,
    }
  }

  /** Adds a link of `capacityBps` bytes per second (0 stalls its flows). */
  addLink(capacityBps: number): LinkIndex {
    requireCapacity(capacityBps)
    const link = this.links.add(capacityBps, 0)
    this.solver.reserve(this.links.count)
    return link
  }

  /** Changes a link's capacity, in bytes per second, from now on. */
  setCapacity(link: LinkIndex, capacityBps: number): void {
    this.requireLink(link)
    requireCapacity(capacityBps)
    this.links.doubles[link * LINK_DOUBLES + CAPACITY] = capacityBps
    this.solver.check(link)
    this.requestSettle()
  }

  /**
   * Starts a transfer of `bytes` over an up-link and a down-link, at `capBps` bytes per second at most.
   * `onDone(flow, a, b)` is called when the last byte is sent.
   */
  start<A, B>(
    upLink: LinkIndex,
    downLink: LinkIndex,
    bytes: number,
    capBps: number,
    onDone: FlowDone<A, B>,
    a: A,
    b: B,
  ): FlowId {
    this.path[0] = upLink
    this.path[1] = downLink
    return this.startOnPath(2, bytes, capBps, onDone, a, b)
  }

  /** Like `start`, over 1 to 4 different links: up-link, shared bottlenecks, down-link. */
  startVia<A, B>(
    path: ArrayLike<LinkIndex>,
    bytes: number,
    capBps: number,
    onDone: FlowDone<A, B>,
    a: A,
    b: B,
  ): FlowId {
    if (!(path.length >= 1 && path.length <= MAX_PATH_LINKS)) {
      throw new FlowArgumentError('number of links', path.length, `1 to ${MAX_PATH_LINKS}`)
    }
    for (let place = 0; place < path.length; place++) this.path[place] = path[place]
    return this.startOnPath(path.length, bytes, capBps, onDone, a, b)
  }

  /** Ends a flow without its callback; returns the bytes it has sent, 0 where the flow has ended before. */
  abort(id: FlowId): number {
    const flow = this.flows.find(id)
    if (flow < 0) return 0
    const sent = this.flows.sizes[flow] - this.remaining(flow)
    this.aborts++
    this.remove(flow)
    this.requestSettle()
    return sent
  }

  isActive(id: FlowId): boolean {
    return this.flows.find(id) >= 0
  }

  /** Bytes the flow has still to send; throws FlowArgumentError where it has ended. */
  bytesRemaining(id: FlowId): number {
    return this.remaining(this.requireFlow(id))
  }

  /** Bytes the flow has sent; throws FlowArgumentError where it has ended. */
  bytesSent(id: FlowId): number {
    const flow = this.requireFlow(id)
    return this.flows.sizes[flow] - this.remaining(flow)
  }

  /** Current rate in bytes per second; throws FlowArgumentError where the flow has ended. */
  rate(id: FlowId): number {
    const flow = this.requireFlow(id)
    this.settle()
    return this.flows.doubles[flow * FLOW_DOUBLES + RATE]
  }

  capacity(link: LinkIndex): number {
    this.requireLink(link)
    return this.links.doubles[link * LINK_DOUBLES + CAPACITY]
  }

  /** Sum of the rates of the link's flows, bytes per second. */
  linkUsage(link: LinkIndex): number {
    this.requireLink(link)
    this.settle()
    return this.links.doubles[link * LINK_DOUBLES + LOAD]
  }

  /** Like `linkUsage`, but as it was before this instant's changes; costs no solution. */
  lastUsage(link: LinkIndex): number {
    return this.links.doubles[link * LINK_DOUBLES + LOAD]
  }

  /** Number of flows that cross the link. */
  flowsOn(link: LinkIndex): number {
    this.requireLink(link)
    return this.links.ints[link * LINK_INTS + MEMBERS]
  }

  /** The link's fair share in bytes per second; Infinity while it limits no flow. */
  share(link: LinkIndex): number {
    this.requireLink(link)
    this.settle()
    return this.links.doubles[link * LINK_DOUBLES + LEVEL]
  }

  /** Computes rates now; the end of the instant does it anyway. */
  settle(): void {
    if (!this.solver.unsettled) return
    this.solver.solve(this.kernel.nowMs)
    this.setAlarm()
  }

  private startOnPath<A, B>(
    length: number,
    bytes: number,
    capBps: number,
    onDone: FlowDone<A, B>,
    a: A,
    b: B,
  ): FlowId {
    this.requirePath(length)
    if (!(bytes >= 0 && bytes < Infinity)) throw new FlowArgumentError('bytes', bytes, '0 or more, finite')
    if (!(capBps > 0)) throw new FlowArgumentError('capBps', capBps, 'more than 0, Infinity for none')
    const flow = this.flows.allocate(bytes)
    this.flows.refs[flow * 3] = onDone
    this.flows.refs[flow * 3 + 1] = a
    this.flows.refs[flow * 3 + 2] = b
    for (let place = 0; place < length; place++) this.join(flow, this.path[place])
    if (capBps < Infinity) this.join(flow, this.capLink(capBps))
    this.starts++
    this.solver.place(flow, this.kernel.nowMs)
    this.requestSettle()
    return this.flows.idOf(flow)
  }

  private join(flow: number, link: number): void {
    const record = flow * FLOW_INTS
    const place = this.flows.ints[record + LENGTH]++
    this.flows.ints[record + LINKS + place] = link
    this.members.add(link, flow, place)
  }

  /** A rate cap is a private link whose level is the cap and never moves. */
  private capLink(capBps: number): number {
    const spare = this.spareCapLinks.pop()
    const link = spare ?? this.links.add(Infinity, FIXED)
    if (spare === undefined) this.solver.reserve(this.links.count)
    this.links.doubles[link * LINK_DOUBLES + LEVEL] = capBps
    return link
  }

  private remove(flow: number): void {
    this.solver.withdraw(flow, this.kernel.nowMs)
    const record = flow * FLOW_INTS
    const last = this.flows.ints[record + LINKS + this.flows.ints[record + LENGTH] - 1]
    if (this.links.isFixed(last)) this.spareCapLinks.push(last)
    this.flows.release(flow)
  }

  private remaining(flow: number): number {
    const bytesLeft = this.flows.doubles[flow * FLOW_DOUBLES + TARGET]
    const place = this.flows.ints[flow * FLOW_INTS + LIMIT]
    if (place < 0) return bytesLeft
    const at = this.flows.ints[flow * FLOW_INTS + LINKS + place] * LINK_DOUBLES
    const doubles = this.links.doubles
    const sinceMs = this.kernel.nowMs - doubles[at + SETTLED_MS]
    const served = doubles[at + SERVED] + (sinceMs > 0 ? (doubles[at + LEVEL] * sinceMs) / 1000 : 0)
    return Math.min(Math.max(bytesLeft - served, 0), this.flows.sizes[flow])
  }

  private completeDue(): void {
    const nowMs = this.kernel.nowMs
    while (this.due.topKey <= nowMs) {
      const link = this.due.top
      // A callback may have changed who ends first here.
      if (this.solver.refresh(link, nowMs)) continue
      const record = link * LINK_INTS
      if (this.links.ints[record + LIMITED] === 0) throw new Error(`link ${link} is due and limits no flow`)
      this.complete(this.members.cells[this.links.ints[record + FIRST]] >> 3)
    }
    if (this.solver.unsettled) this.requestSettle()
    else this.setAlarm()
  }

  private complete(flow: number): void {
    const refs = this.flows.refs
    const onDone = refs[flow * 3] as FlowDone<unknown, unknown>
    const a = refs[flow * 3 + 1]
    const b = refs[flow * 3 + 2]
    const id = this.flows.idOf(flow)
    this.completions++
    this.remove(flow)
    onDone(id, a, b)
  }

  private requestSettle(): void {
    if (this.settleRequested) return
    this.settleRequested = true
    this.kernel.atInstantEnd(this.onInstantEnd)
  }

  /** Keeps one kernel event at or before the earliest finish time; one too early finds nothing due. */
  private setAlarm(): void {
    const earliestMs = this.due.topKey
    if (earliestMs >= this.alarmMs && earliestMs < Infinity) return
    if (this.alarmMs < Infinity) this.kernel.cancel(this.alarm)
    this.alarmMs = earliestMs
    if (earliestMs === Infinity) return
    this.alarm = this.kernel.scheduleAt(earliestMs, this.onDue)
  }

  private requireFlow(id: FlowId): number {
    const flow = this.flows.find(id)
    if (flow < 0) throw new FlowArgumentError('flow', id, 'a flow that has not ended; ask isActive first')
    return flow
  }

  private requireLink(link: LinkIndex): void {
    if (link >= 0 && link < this.links.count && Number.isInteger(link) && !this.links.isFixed(link)) return
    throw new FlowArgumentError('link', link, 'an index that addLink returned')
  }

  private requirePath(length: number): void {
    for (let place = 0; place < length; place++) {
      this.requireLink(this.path[place])
      for (let before = 0; before < place; before++) {
        if (this.path[before] === this.path[place]) {
          throw new FlowArgumentError('path', this.path.slice(0, length).join(' '), 'different links')
        }
      }
    }
  }
}

function requireCapacity(capacityBps: number): void {
  if (capacityBps >= 0 && capacityBps < Infinity) return
  throw new FlowArgumentError('capacityBps', capacityBps, '0 or more bytes per second, finite')
}
