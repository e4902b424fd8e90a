import { encodedBytes } from '../peer/protocol/codec.ts'
import type { ChunkHeader } from '../peer/protocol/messages.ts'
import type { ChunkBody } from '../peer/ports/chunk-store.ts'
import type { NetworkFabric } from './fabric.ts'
import type { FlowId, LinkIndex } from './flow-network.ts'
import type { EventHandle } from './kernel.ts'
import { type LinkEnd, UP } from './link-end.ts'
import type { SimHost } from './sim-host.ts'
import {
  INITIAL_WINDOW_BYTES,
  connectionRateBps,
  grownWindowBytes,
  retransmitMs,
  slowStartDelayMs,
} from './tcp.ts'

const WAITING = 0
const FLOWING = 1
const STOPPED = 2
const SENT = 3

/** Tolerance of the check that no chunk beats its path: the flow solver's own tolerance and rounding. */
const PHYSICS_SLACK = 1e-3

/** One chunk on its way over one link. */
export class Transfer {
  readonly end: LinkEnd
  /** Numbers of the hosts that it goes from and to. */
  readonly from: number
  readonly to: number
  readonly header: ChunkHeader
  readonly body: ChunkBody
  readonly wireBytes: number
  readonly startedMs: number
  /** The link's propagation delay; outlives the link. */
  oneWayMs: number
  /** The least that it has been while the chunk was under way. */
  #leastOneWayMs: number
  /** When the header arrives at the other side. */
  readonly beginsMs: number
  /** Its place in the order of events, where it is none itself. */
  beginsSequence = -1
  state = WAITING
  flow: FlowId = 0
  timer: EventHandle = 0
  /** Bytes that have not left yet when it begins to flow. */
  leftBytes: number
  /** What makes it stand still. */
  #holds = 0

  constructor(end: LinkEnd, header: ChunkHeader, body: ChunkBody, startedMs: number, beginsMs: number) {
    this.end = end
    this.from = end.network.index
    this.to = end.otherIndex
    this.header = header
    this.body = body
    this.wireBytes = encodedBytes(header) + body.bytes
    this.leftBytes = this.wireBytes
    this.startedMs = startedMs
    this.oneWayMs = this.#leastOneWayMs = end.oneWayMs
    this.beginsMs = beginsMs
  }

  /** Whether bytes of it are still to leave. */
  get isUnderWay(): boolean {
    return this.state < STOPPED
  }

  get fabric(): NetworkFabric {
    return this.end.network.fabric
  }

  #sender(): SimHost {
    return this.end.network.host
  }

  #receiver(): SimHost {
    return this.end.peer!.network.host
  }

  /** Sends the header at once and the bytes after the delay of slow start. */
  start(): void {
    const { fabric, end, wireBytes } = this
    fabric.ledger.offered += this.body.bytes
    fabric.hosts.countTransfer(this.from, this.to, 1)
    end.addTransfer(this)
    const delayMs = fabric.settings.slowStart ? this.#slowStartMs(wireBytes) : 0
    if (!fabric.checksMessages && fabric.inboxes.takes(this)) {
      this.beginsSequence = fabric.kernel.takeSequence()
      fabric.inboxes.putBeginning(this)
    } else fabric.kernel.scheduleAt(this.beginsMs, deliverHeader, this)
    if (delayMs > 0) this.timer = fabric.kernel.schedule(delayMs, flow, this)
    else flow(this)
  }

  /** Gives the chunk up; harmless where that has been done. What has left already is lost. */
  stop(): void {
    if (this.state >= STOPPED) return
    const { fabric } = this
    this.#interrupt()
    this.state = STOPPED
    fabric.ledger.abandoned += this.body.bytes
    this.#leaveHosts()
  }

  /** Stands still until it is released as often. */
  hold(): void {
    if (this.state >= STOPPED) return
    if (this.#holds === 0) this.#interrupt()
    this.#holds++
  }

  release(): void {
    if (this.state < STOPPED && --this.#holds === 0) this.begin()
  }

  /** The delay of its path has changed, for what has not left yet. */
  delay(oneWayMs: number): void {
    this.oneWayMs = oneWayMs
    this.#leastOneWayMs = Math.min(this.#leastOneWayMs, oneWayMs)
    this.remeasure()
  }

  /** What its path lets through has changed. */
  remeasure(): void {
    if (this.state !== FLOWING) return
    this.#interrupt()
    this.begin()
  }

  #interrupt(): void {
    const { fabric } = this
    if (this.#holds > 0) return
    if (this.state === WAITING) return void fabric.kernel.cancel(this.timer)
    const doneBytes = fabric.flows.abort(this.flow)
    this.#countWire(doneBytes)
    this.leftBytes = Math.max(this.leftBytes - doneBytes, 1)
    this.state = WAITING
  }

  begin(): void {
    const { fabric, from, to } = this
    const { flows, hosts } = fabric
    this.state = FLOWING
    const capBps = this.#connectionBps()
    // A cap above both access rates never binds, and flows without one are cheaper.
    const boundBps = capBps < Math.min(hosts.upBps(from), hosts.downBps(to)) ? capBps : Infinity
    const path = this.#sharedPath()
    this.flow = path
      ? flows.startVia(path, this.leftBytes, boundBps, flowDone, this, undefined)
      : flows.start(
          hosts.upLink(from),
          hosts.downLink(to),
          this.leftBytes,
          boundBps,
          flowDone,
          this,
          undefined,
        )
  }

  /** The header has come. */
  begins(): void {
    const peer = this.end.peer!
    if (peer.state === UP) peer.handler.chunkBegins(peer, this.header)
  }

  /** All bytes have left. */
  sent(): void {
    const { fabric, end, header } = this
    const nowMs = fabric.kernel.nowMs
    this.state = SENT
    end.removeTransfer(this)
    const { records, slot } = end
    const windowBytes = records.windowBytes(slot)
    records.setWindow(
      slot,
      grownWindowBytes(windowBytes, this.wireBytes, 2 * this.oneWayMs, this.#shareBps()),
      nowMs,
    )
    this.#countWire(this.leftBytes)
    this.#leaveHosts()
    end.network.chunks++
    fabric.ledger.sent += this.body.bytes
    fabric.ledger.propagating += this.body.bytes
    fabric.kernel.scheduleAt(Math.max(nowMs + this.oneWayMs, this.beginsMs), deliverChunk, this)
    end.handler.chunkSent(end, header.requestId, true)
  }

  arrive(): void {
    const { fabric, end, body, header } = this
    const peer = end.peer!
    this.#checkPhysics()
    fabric.ledger.propagating -= body.bytes
    if (peer.state === UP) peer.network.catchUp()
    if (peer.state !== UP) {
      fabric.ledger.abandoned += body.bytes
      return
    }
    fabric.ledger.arrived += body.bytes
    peer.network.chunks++
    peer.handler.chunkArrived(peer, header, body)
  }

  #slowStartMs(bytes: number): number {
    const { records, slot, transfers } = this.end
    const rttMs = 2 * this.oneWayMs
    const idleMs = this.startedMs - records.windowUsedMs(slot)
    // A connection that idles starts again from the initial window (RFC 5681, 4.1).
    const isIdle = transfers.length === 1 && idleMs > retransmitMs(rttMs)
    const windowBytes = isIdle ? INITIAL_WINDOW_BYTES : records.windowBytes(slot)
    return slowStartDelayMs(bytes, windowBytes, rttMs, this.#shareBps())
  }

  /** What the transfer gets if its links are shared evenly: the rate is not known before it flows. */
  #shareBps(): number {
    const { from, to, fabric } = this
    const { flows, hosts } = fabric
    return Math.min(
      Math.max(flows.capacity(hosts.upLink(from)), 1) / Math.max(hosts.uploads(from), 1),
      Math.max(flows.capacity(hosts.downLink(to)), 1) / Math.max(hosts.downloads(to), 1),
      this.#connectionBps(),
    )
  }

  /** What its connection lets through, however fast the lines are. */
  #connectionBps(): number {
    const { fabric } = this
    const lossRate = fabric.hasLossyLines
      ? fabric.lossRate(this.#sender(), this.#receiver())
      : fabric.settings.lossRate
    return connectionRateBps(2 * this.oneWayMs, lossRate, fabric.settings.maxWindowBytes)
  }

  /** The links that it crosses, where those are more than the two access links. */
  #sharedPath(): LinkIndex[] | undefined {
    const { fabric, end } = this
    const relay = end.isRelayed ? fabric.relay?.upLink : undefined
    if (!fabric.bottlenecks.isAny && relay === undefined) return undefined
    return fabric.bottlenecks.path(this.#sender(), this.#receiver(), relay)
  }

  #countWire(bytes: number): void {
    const { fabric, from, to } = this
    fabric.hosts.countBytes(from, to, bytes, fabric.kernel.nowMs)
  }

  #leaveHosts(): void {
    this.fabric.hosts.countTransfer(this.from, this.to, -1)
  }

  #checkPhysics(): void {
    const { fabric, from, to } = this
    const { hosts } = fabric
    const tookMs = fabric.kernel.nowMs - this.startedMs
    const lineBps = Math.min(hosts.upBps(from), hosts.downBps(to))
    const leastMs = this.#leastOneWayMs + (1000 * this.wireBytes) / lineBps
    if (tookMs < leastMs * (1 - PHYSICS_SLACK))
      fabric.audit.violate(
        'no delivery before send + transmission + propagation',
        `chunk ${this.header.chunk} from ${this.#sender().address} to ${this.#receiver().address} took ${tookMs} ms, ` +
          `at least ${leastMs} ms needed`,
      )
  }
}

function flow(transfer: Transfer): void {
  transfer.begin()
}

function flowDone(_flow: FlowId, transfer: Transfer): void {
  transfer.sent()
}

function deliverHeader(transfer: Transfer): void {
  transfer.begins()
}

function deliverChunk(transfer: Transfer): void {
  transfer.arrive()
}
