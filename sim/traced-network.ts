import type { Address } from '../peer/protocol/ids.ts'
import type { ChunkHeader, Message } from '../peer/protocol/messages.ts'
import type { ChunkBody } from '../peer/ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler } from '../peer/ports/network.ts'
import type { NetworkFabric } from './fabric.ts'
import { DOWN, type LinkEnd, UP } from './link-end.ts'
import type { NoiseStream } from './noise-stream.ts'
import type { SimHost } from './sim-host.ts'
import { SimNetwork } from './sim-network.ts'
import { labelOf, type Tracer } from './trace.ts'
import { chunkDetails, messageDetails } from './trace-details.ts'

type ControlMessage = Exclude<Message, ChunkHeader>

/** The Network port of a node whose simulation is traced: tells of all that passes through it, and changes nothing. */
export class TracedNetwork extends SimNetwork {
  readonly #tracer: Tracer
  readonly #label: string

  constructor(fabric: NetworkFabric, index: number, host: SimHost, noise: NoiseStream, tracer: Tracer) {
    super(fabric, index, host, noise)
    this.#tracer = tracer
    this.#label = labelOf(host.address)
    const { region, upBps, downBps } = host
    tracer.tell(this.#label, 'arrive', { region, upBps, downBps })
  }

  override attach(handler: LinkHandler): void {
    super.attach(new TracedHandler(handler, this.#tracer, this.#label))
  }

  override connect(remote: Address): LinkEnd {
    this.#tracer.tell(this.#label, 'dial', { peer: labelOf(remote) })
    return super.connect(remote)
  }

  override send(link: Link, message: ControlMessage): void {
    if ((link as LinkEnd).state === UP)
      this.#tracer.tell(this.#label, 'send', messageDetails(labelOf(link.remote), message))
    super.send(link, message)
  }

  override sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    if ((link as LinkEnd).state === UP)
      this.#tracer.tell(this.#label, 'chunk-start', chunkDetails(labelOf(link.remote), header))
    super.sendChunk(link, header, body)
  }

  override abortChunk(link: Link, requestId: number): void {
    if ((link as LinkEnd).findTransfer(requestId)) this.#aborted(link, requestId)
    super.abortChunk(link, requestId)
  }

  override close(link: Link): void {
    const end = link as LinkEnd
    if (end.state !== DOWN) {
      for (const { header } of end.transfers) this.#aborted(link, header.requestId)
      this.#tracer.tell(this.#label, 'close', { peer: labelOf(link.remote) })
    }
    super.close(link)
  }

  override shutDown(): void {
    this.#tracer.tell(this.#label, 'leave', { graceful: true })
    super.shutDown()
  }

  override crash(): void {
    this.#tracer.tell(this.#label, 'leave', { graceful: false })
    super.crash()
  }

  override revive(keepsHandler?: boolean): void {
    this.#tracer.tell(this.#label, 'arrive', { again: true })
    super.revive(keepsHandler)
  }

  #aborted(link: Link, requestId: number): void {
    this.#tracer.tell(this.#label, 'chunk-abort', { peer: labelOf(link.remote), requestId })
  }
}

/** Tells of what a node hears before the node hears it. */
class TracedHandler implements LinkHandler {
  readonly #handler: LinkHandler
  readonly #tracer: Tracer
  readonly #label: string

  constructor(handler: LinkHandler, tracer: Tracer, label: string) {
    this.#handler = handler
    this.#tracer = tracer
    this.#label = label
  }

  linkUp(link: Link, incoming: boolean): void {
    this.#tracer.tell(this.#label, 'up', { peer: labelOf(link.remote), incoming, rttMs: link.rttMs })
    this.#handler.linkUp(link, incoming)
  }

  linkDown(link: Link, reason: LinkDownReason): void {
    this.#tracer.tell(this.#label, 'down', { peer: labelOf(link.remote), reason })
    this.#handler.linkDown(link, reason)
  }

  message(link: Link, message: ControlMessage): void {
    this.#tracer.tell(this.#label, 'hear', messageDetails(labelOf(link.remote), message))
    this.#handler.message(link, message)
  }

  chunkBegins(link: Link, header: ChunkHeader): void {
    this.#tracer.tell(this.#label, 'chunk-begins', chunkDetails(labelOf(link.remote), header))
    this.#handler.chunkBegins(link, header)
  }

  chunkArrived(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#tracer.tell(this.#label, 'chunk-arrives', chunkDetails(labelOf(link.remote), header))
    this.#handler.chunkArrived(link, header, body)
  }

  chunkSent(link: Link, requestId: number, sent: boolean): void {
    const kind = sent ? 'chunk-sent' : 'chunk-abort'
    this.#tracer.tell(this.#label, kind, { peer: labelOf(link.remote), requestId })
    this.#handler.chunkSent(link, requestId, sent)
  }
}
