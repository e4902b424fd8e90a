import { EventEmitter, once } from 'node:events'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler } from '../ports/network.ts'

export interface HandlerEvents {
  up: [link: Link, incoming: boolean]
  down: [link: Link, reason: LinkDownReason]
  message: [link: Link, message: Exclude<Message, ChunkHeader>]
  begins: [link: Link, header: ChunkHeader]
  arrived: [link: Link, header: ChunkHeader, body: ChunkBody]
  sent: [link: Link, requestId: number, sent: boolean]
}

/** A node whose events a test waits for; `log` holds their names in order. */
export class EventHandler extends EventEmitter<HandlerEvents> implements LinkHandler {
  readonly log: (keyof HandlerEvents)[] = []

  /** The next event of a kind. */
  next<K extends keyof HandlerEvents>(kind: K): Promise<HandlerEvents[K]> {
    return once(this as EventEmitter, kind) as Promise<HandlerEvents[K]>
  }

  linkUp(...event: HandlerEvents['up']): void {
    this.#tell('up', event)
  }

  linkDown(...event: HandlerEvents['down']): void {
    this.#tell('down', event)
  }

  message(...event: HandlerEvents['message']): void {
    this.#tell('message', event)
  }

  chunkBegins(...event: HandlerEvents['begins']): void {
    this.#tell('begins', event)
  }

  chunkArrived(...event: HandlerEvents['arrived']): void {
    this.#tell('arrived', event)
  }

  chunkSent(...event: HandlerEvents['sent']): void {
    this.#tell('sent', event)
  }

  #tell<K extends keyof HandlerEvents>(kind: K, event: HandlerEvents[K]): void {
    this.log.push(kind)
    ;(this as EventEmitter).emit(kind, ...event)
  }
}
