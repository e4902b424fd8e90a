import { encodedBytes } from '../peer/protocol/codec.ts'
import type { Address } from '../peer/protocol/ids.ts'
import type { ChunkHeader, Handshake, Have, Message } from '../peer/protocol/messages.ts'
import type { ChunkBody } from '../peer/ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from '../peer/ports/network.ts'
import { check, deliver, deliverChecked } from './deliver.ts'
import { SimNetworkError } from './errors.ts'
import type { NetworkFabric } from './fabric.ts'
import { DOWN, LinkEnd, UP } from './link-end.ts'
import type { LinkVariation } from './host-variation.ts'
import { firstKnock, hearDown, linkReady } from './knock.ts'
import type { NoiseStream } from './noise-stream.ts'
import { answered, dropped } from './request-load.ts'
import { onWire } from './on-wire.ts'
import type { SimHost } from './sim-host.ts'
import { Transfer } from './transfer.ts'

type ControlMessage = Exclude<Message, ChunkHeader>

const NO_ENDS: readonly LinkEnd[] = Object.freeze([])

/** What a node's host does when another one dials it. */
type Presence = 'listening' | 'closed' | 'vanished'

/** The Network port of one simulated node. */
export class SimNetwork implements Network {
  readonly fabric: NetworkFabric
  readonly host: SimHost
  /** Number of the node among all of the fabric. */
  readonly index: number
  presence: Presence = 'listening'
  /** Changes the capacities of the host's access links; undefined where they stay. */
  variation: LinkVariation | undefined
  /** Links that this node has tried to open, and control messages that it has sent. */
  dials = 0
  sentMessages = 0
  /** Links that others have opened to this node, and chunks that have left it or reached it. */
  accepted = 0
  chunks = 0
  /** In no order. */
  readonly #ends: LinkEnd[] = []
  /** The other ends of the links that were lost with the connection. */
  #orphans: readonly LinkEnd[] = NO_ENDS
  readonly #noise: NoiseStream
  /** Number of the host whose access line it is on. */
  readonly #line: number
  #handler: LinkHandler | undefined
  #greeting: Handshake | undefined
  #greetingBytes = 0

  constructor(fabric: NetworkFabric, index: number, host: SimHost, noise: NoiseStream) {
    this.fabric = fabric
    this.host = host
    this.index = index
    this.#line = host.line
    fabric.inboxes.open(index)
    this.#noise = noise
  }

  get handler(): LinkHandler {
    if (!this.#handler)
      throw new SimNetworkError(`invalid use of ${this.host.address}: attach a handler first`)
    return this.#handler
  }

  /** Those that are not down, in the order in which they came. */
  get ends(): LinkEnd[] {
    return this.#ends.slice().sort((a, b) => a.born - b.born)
  }

  get newsCanWait(): boolean {
    return this.fabric.inboxes.isPatient(this.index)
  }

  set newsCanWait(value: boolean) {
    if (value !== this.newsCanWait) this.fabric.inboxes.setPatient(this.index, value)
  }

  get interestCanWait(): boolean {
    return this.fabric.inboxes.isIndifferent(this.index)
  }

  set interestCanWait(value: boolean) {
    if (value !== this.interestCanWait) this.fabric.inboxes.setIndifferent(this.index, value)
  }

  /** Hears the news that has waited. */
  catchUp(): void {
    this.fabric.inboxes.catchUp(this.index)
  }

  /** Lets no news wait that is on its way. */
  releaseNews(): void {
    this.fabric.inboxes.release(this.index)
  }

  attach(handler: LinkHandler): void {
    if (this.#handler) throw new SimNetworkError(`invalid attach to ${this.host.address}: it has a handler`)
    this.#handler = handler
    this.fabric.inboxes.attach(this.index, handler)
  }

  connect(remote: Address): LinkEnd {
    this.dials++
    const { kernel, settings } = this.fabric
    const target = this.fabric.find(remote)
    const isReachable = target !== undefined && this.presence !== 'vanished'
    const route = isReachable ? this.fabric.reachability.route(this.host, target.host) : 'none'
    const end = this.#newEnd(remote, target?.host, route === 'relayed')
    if (target && areBothPeers(this, target)) {
      this.fabric.peerDials.attempts++
      this.fabric.links.markAmongPeers(end.slot)
    }
    if (target && route !== 'none') kernel.scheduleAt(this.#arrivalMs(end, 0), firstKnock, end, target)
    else kernel.schedule(settings.connectTimeoutMs, hearDown, end, 'unreachable' as LinkDownReason)
    return end
  }

  send(link: Link, message: ControlMessage): void {
    const end = link as LinkEnd
    if (end.state !== UP) return
    const { fabric } = this
    if (fabric.cuts.isAny && fabric.cuts.holdMessage(end, message)) return
    this.sentMessages++
    const bytes = message.type === 'handshake' ? this.#greetingBytesOf(message) : encodedBytes(message)
    fabric.controlMessages++
    fabric.controlBytes += bytes
    const atMs = this.#arrivalMs(end, bytes)
    if (fabric.checksMessages) fabric.kernel.scheduleAt(atMs, deliverChecked, end, check(end, message))
    else if (message.type === 'have') this.#sendHave(end.slot, message, atMs)
    else if (message.type !== 'interested' || !fabric.inboxes.putInterest(end.slot ^ 1, message, atMs))
      fabric.kernel.scheduleAt(atMs, deliver, end.peer!, onWire(end, message))
  }

  sendNews(numbers: readonly number[], have: Have): void {
    const { fabric } = this
    const { links, inboxes } = fabric
    if (fabric.checksMessages || fabric.cuts.isAny || fabric.hasLossyLines) {
      for (const number of numbers)
        if (links.otherNode(number ^ 1) === this.index) this.send(links.ends[number]!, have)
      return
    }
    // Most of these links have not been touched for long: reads that do not wait for each other come in sooner.
    links.touch(numbers)
    inboxes.touch(numbers)
    const bytes = encodedBytes(have)
    let sent = 0
    for (let i = 0; i < numbers.length; i++) {
      const slot = numbers[i]
      // A link that is down is not this node's any more.
      if (links.otherNode(slot ^ 1) !== this.index) continue
      sent++
      const noiseMs = fabric.isNoisy ? fabric.noiseMs(links.oneWayMs(slot), this.#noise) : 0
      this.#sendHave(slot, have, links.nextArrivalMs(slot, this.#startMs(bytes), bytes, noiseMs))
    }
    this.sentMessages += sent
    fabric.controlMessages += sent
    fabric.controlBytes += bytes * sent
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    const end = link as LinkEnd
    if (end.state !== UP) return
    const { cuts } = this.fabric
    if (cuts.isAny && cuts.holdChunk(end, header, body)) return
    answered(end.peer!)
    const transfer = new Transfer(end, header, body, this.fabric.kernel.nowMs, this.#arrivalMs(end, 0))
    transfer.start()
    if (this.fabric.unread.isAny) this.fabric.unread.started(transfer)
    if (end.peer!.network.presence === 'vanished') transfer.stop()
  }

  abortChunk(link: Link, requestId: number): void {
    const end = link as LinkEnd
    if (this.fabric.cuts.isAny) this.fabric.cuts.dropChunk(end, requestId)
    const transfer = end.findTransfer(requestId)
    if (!transfer) return
    end.removeTransfer(transfer)
    transfer.stop()
  }

  close(link: Link): void {
    const end = link as LinkEnd
    if (end.state === DOWN) return
    const { kernel, links, cuts } = this.fabric
    const atMs = Math.max(kernel.nowMs + end.oneWayMs, links.lastArrivalMs(end.slot))
    this.#takeDown(end)
    for (const transfer of end.transfers) transfer.stop()
    const { peer } = end
    if (peer && peer.state !== DOWN && !(cuts.isAny && cuts.holdClose(end, peer)))
      kernel.scheduleAt(atMs, hearDown, peer, 'closed' as LinkDownReason)
  }

  /** Closes all links and refuses new ones. */
  shutDown(): void {
    this.presence = 'closed'
    for (const end of this.ends) this.close(end)
    this.fabric.inboxes.close(this.index)
  }

  /** Vanishes without a word: nothing comes from this node or reaches it any more. */
  crash(): void {
    const lost = this.ends
    this.#vanish()
    this.#orphans = othersOf(lost)
  }

  /** Loses the connection to everybody: the node hears of it at once, the others as if it had crashed. */
  loseConnection(): void {
    this.catchUp()
    const lost = this.ends
    this.#vanish()
    this.#orphans = othersOf(lost)
    for (const end of lost) {
      for (const { header } of end.transfers) this.handler.chunkSent(end, header.requestId, false)
      this.handler.linkDown(end, 'lost')
    }
  }

  /** Can be reached, and reaches others, again. What is still sent on the lost links is answered with a reset. */
  regainConnection(): void {
    this.presence = 'listening'
    this.variation?.follow()
    for (const peer of this.#orphans)
      if (peer.state !== DOWN)
        this.fabric.kernel.schedule(2 * peer.oneWayMs, hearDown, peer, 'lost' as LinkDownReason)
    this.#orphans = NO_ENDS
  }

  #vanish(): void {
    this.presence = 'vanished'
    const { kernel, settings } = this.fabric
    for (const end of this.ends) {
      this.#takeDown(end)
      for (const transfer of end.transfers) transfer.stop()
      const { peer } = end
      if (!peer || peer.state === DOWN) continue
      for (const transfer of peer.transfers) transfer.stop()
      kernel.schedule(settings.lostDetectionMs, hearDown, peer, 'lost' as LinkDownReason)
    }
    this.fabric.inboxes.close(this.index)
  }

  /** Is there again after it has closed or vanished; `keepsHandler`: it is the same program that goes on. */
  revive(keepsHandler = false): void {
    this.regainConnection()
    this.newsCanWait = this.interestCanWait = false
    if (!keepsHandler) this.#handler = undefined
  }

  /** The delays to others have changed: open links and chunks under way learn of it, at both ends. */
  remeasure(): void {
    const { fabric } = this
    for (const end of this.ends) {
      if (!end.peer || end.peer.state === DOWN) continue
      const oneWayMs = fabric.oneWayMs(this.host, end.peer.network.host, end.isRelayed)
      fabric.links.setOneWayMs(end.slot, oneWayMs)
      fabric.links.setOneWayMs(end.peer.slot, oneWayMs)
      for (const transfer of [...end.transfers, ...end.peer.transfers]) transfer.delay(oneWayMs)
    }
  }

  /** What the lines to others let through has changed: chunks under way learn of it, both ways. */
  remeasureTransfers(): void {
    for (const end of this.ends)
      for (const transfer of [...end.transfers, ...(end.peer?.transfers ?? [])]) transfer.remeasure()
  }

  /** Whether what this node sends stands still. */
  holdUploads(value: boolean): void {
    for (const end of this.ends)
      for (const transfer of end.transfers)
        if (value) transfer.hold()
        else transfer.release()
  }

  /** The program reads nothing that comes from now on. */
  stopReading(): void {
    this.holdUploads(true)
    this.fabric.unread.begin(this)
  }

  readOn(): void {
    this.holdUploads(false)
    this.fabric.unread.end(this)
  }

  /** A message waits for a program that does not read; its sender gives up a link on which too much waits. */
  leaveUnread(end: LinkEnd, message: ControlMessage): void {
    const { kernel, unread } = this.fabric
    if (unread.heard(end, encodedBytes(message))) return
    for (const one of [end.peer!, end])
      if (one.state === UP) kernel.schedule(0, hearDown, one, 'lost' as LinkDownReason)
  }

  /** A dialler's first packet has come. */
  accept(dialler: LinkEnd): void {
    this.accepted++
    const end = this.#newEnd(dialler.network.host.address, dialler.network.host, dialler.isRelayed, dialler)
    end.peer = dialler
    dialler.peer = end
    this.fabric.kernel.scheduleAt(this.#arrivalMs(end, 0), linkReady, dialler)
    this.bringUp(end, true)
  }

  bringUp(end: LinkEnd, incoming: boolean): void {
    this.catchUp()
    end.state = UP
    this.host.openLinks++
    end.handler.linkUp(end, incoming)
  }

  /** The other side is gone, or could not be reached. */
  hearDown(end: LinkEnd, reason: LinkDownReason): void {
    this.catchUp()
    // What it has heard may have made the node close the link itself.
    if (end.state === DOWN) return
    this.#takeDown(end)
    if (end.transfers.length > 0)
      for (const transfer of end.transfers.slice()) {
        transfer.stop()
        this.handler.chunkSent(end, transfer.header.requestId, false)
      }
    this.handler.linkDown(end, reason)
  }

  /** Leaves news in the other side's inbox, or has it delivered as an event of its own where it can't wait. */
  #sendHave(slot: number, have: Have, atMs: number): void {
    const { kernel, links, inboxes } = this.fabric
    const node = links.newsCanWait(slot ^ 1) ? links.otherNode(slot) : -1
    if (node >= 0 && inboxes.isPatient(node)) inboxes.put(node, slot ^ 1, have, atMs)
    else kernel.scheduleAt(atMs, deliver, links.ends[slot]!.peer!, have)
  }

  /** A node greets with the same message again and again, whose texts would have to be read each time. */
  #greetingBytesOf(handshake: Handshake): number {
    if (handshake !== this.#greeting) {
      this.#greeting = handshake
      this.#greetingBytes = encodedBytes(handshake)
    }
    return this.#greetingBytes
  }

  #newEnd(remote: Address, host: SimHost | undefined, isRelayed: boolean, dialler?: LinkEnd): LinkEnd {
    const oneWayMs = host ? this.fabric.oneWayMs(this.host, host, isRelayed) : NaN
    const byteMs = host ? 1000 / this.host.upBps + 1000 / host.downBps : NaN
    const { links } = this.fabric
    const slot = dialler
      ? links.accept(dialler.slot, this.index, oneWayMs, byteMs)
      : links.dial(this.index, oneWayMs, byteMs)
    const end = new LinkEnd(this, this.handler, remote, slot, isRelayed, this.dials + this.accepted)
    links.ends[slot] = end
    end.place = this.#ends.push(end) - 1
    return end
  }

  #takeDown(end: LinkEnd): void {
    if (end.state === UP) this.host.openLinks--
    dropped(end)
    end.state = DOWN
    this.#forget(end)
    this.fabric.inboxes.drop(this.index, end.slot)
    this.fabric.links.release(end.slot)
  }

  /** The last end takes the place of this one. */
  #forget(end: LinkEnd): void {
    const last = this.#ends.pop()!
    if (last === end) return
    this.#ends[end.place] = last
    last.place = end.place
  }

  #noiseMs(end: LinkEnd): number {
    const { fabric, host } = this
    if (!fabric.isNoisy) return 0
    if (!fabric.hasLossyLines) return fabric.noiseMs(end.oneWayMs, this.#noise)
    const lossRate = fabric.lossRate(host, end.peer?.network.host ?? host)
    return fabric.noiseMs(end.oneWayMs, this.#noise, lossRate)
  }

  /** When a message of `bytes` sent now arrives; later ones arrive no earlier. */
  #arrivalMs(end: LinkEnd, bytes: number): number {
    return this.fabric.links.nextArrivalMs(end.slot, this.#startMs(bytes), bytes, this.#noiseMs(end))
  }

  /** When the first of `bytes` sent now leaves the host: after what was sent before. */
  #startMs(bytes: number): number {
    const { kernel, upQueues } = this.fabric
    return upQueues ? upQueues.startMs(this.#line, kernel.nowMs, bytes) : kernel.nowMs
  }
}

const othersOf = (ends: readonly LinkEnd[]): LinkEnd[] =>
  ends.flatMap(({ peer }) => (peer && peer.state !== DOWN ? [peer] : []))

const areBothPeers = (one: SimNetwork, other: SimNetwork): boolean =>
  one.host.nat !== undefined && other.host.nat !== undefined
