import type { Address } from '../../peer/protocol/ids.ts'
import type { ChunkHeader, Message } from '../../peer/protocol/messages.ts'
import type { ChunkBody } from '../../peer/ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from '../../peer/ports/network.ts'

export type ControlMessage = Exclude<Message, ChunkHeader>

/**
 * Stands between a core and its network, and hands on all that passes: what a fault changes is overridden. Methods that take
 * a `handler` are on the way to the core.
 */
export class NetworkFilter implements Network {
  readonly #inner: Network

  constructor(inner: Network) {
    this.#inner = inner
  }

  get newsCanWait(): boolean {
    return this.#inner.newsCanWait ?? false
  }

  set newsCanWait(value: boolean) {
    this.#inner.newsCanWait = value
  }

  attach(handler: LinkHandler): void {
    this.#inner.attach(new HandlerFilter(this, handler))
  }

  connect(remote: Address): Link {
    return this.#inner.connect(remote)
  }

  close(link: Link): void {
    this.#inner.close(link)
  }

  send(link: Link, message: ControlMessage): void {
    this.#inner.send(link, message)
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#inner.sendChunk(link, header, body)
  }

  abortChunk(link: Link, requestId: number): void {
    this.#inner.abortChunk(link, requestId)
  }

  linkUp(handler: LinkHandler, link: Link, incoming: boolean): void {
    handler.linkUp(link, incoming)
  }

  linkDown(handler: LinkHandler, link: Link, reason: LinkDownReason): void {
    handler.linkDown(link, reason)
  }

  message(handler: LinkHandler, link: Link, message: ControlMessage): void {
    handler.message(link, message)
  }

  chunkBegins(handler: LinkHandler, link: Link, header: ChunkHeader): void {
    handler.chunkBegins(link, header)
  }

  chunkArrived(handler: LinkHandler, link: Link, header: ChunkHeader, body: ChunkBody): void {
    handler.chunkArrived(link, header, body)
  }

  chunkSent(handler: LinkHandler, link: Link, requestId: number, sent: boolean): void {
    handler.chunkSent(link, requestId, sent)
  }
}

class HandlerFilter implements LinkHandler {
  readonly #filter: NetworkFilter
  readonly #handler: LinkHandler

  constructor(filter: NetworkFilter, handler: LinkHandler) {
    this.#filter = filter
    this.#handler = handler
  }

  linkUp(link: Link, incoming: boolean): void {
    this.#filter.linkUp(this.#handler, link, incoming)
  }

  linkDown(link: Link, reason: LinkDownReason): void {
    this.#filter.linkDown(this.#handler, link, reason)
  }

  message(link: Link, message: ControlMessage): void {
    this.#filter.message(this.#handler, link, message)
  }

  chunkBegins(link: Link, header: ChunkHeader): void {
    this.#filter.chunkBegins(this.#handler, link, header)
  }

  chunkArrived(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#filter.chunkArrived(this.#handler, link, header, body)
  }

  chunkSent(link: Link, requestId: number, sent: boolean): void {
    this.#filter.chunkSent(this.#handler, link, requestId, sent)
  }
}
