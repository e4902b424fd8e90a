import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from '../ports/network.ts'
import type { RoomMember } from './room-member.ts'

/**
 * Lets a room's member share a node's one Network port with whatever fetches and serves: what comes on the member's link goes
 * to the member, all the rest to the one who attaches here.
 */
export class RoomGate implements Network, LinkHandler {
  /** Set before anything happens on the network. */
  member!: RoomMember
  readonly #network: Network
  #handler!: LinkHandler

  constructor(network: Network) {
    this.#network = network
    network.attach(this)
  }

  get newsCanWait(): boolean {
    return this.#network.newsCanWait ?? false
  }

  set newsCanWait(value: boolean) {
    this.#network.newsCanWait = value
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
  }

  connect(remote: Address): Link {
    return this.#network.connect(remote)
  }

  close(link: Link): void {
    this.#network.close(link)
  }

  send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    this.#network.send(link, message)
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#network.sendChunk(link, header, body)
  }

  abortChunk(link: Link, requestId: number): void {
    this.#network.abortChunk(link, requestId)
  }

  linkUp(link: Link, incoming: boolean): void {
    if (this.member.owns(link)) this.member.linkUp(link)
    else this.#handler.linkUp(link, incoming)
  }

  linkDown(link: Link, reason: LinkDownReason): void {
    if (this.member.owns(link)) this.member.linkDown(link)
    else this.#handler.linkDown(link, reason)
  }

  message(link: Link, message: Exclude<Message, ChunkHeader>): void {
    if (this.member.owns(link)) this.member.message(message)
    else this.#handler.message(link, message)
  }

  chunkBegins(link: Link, header: ChunkHeader): void {
    this.#handler.chunkBegins(link, header)
  }

  chunkArrived(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#handler.chunkArrived(link, header, body)
  }

  chunkSent(link: Link, requestId: number, sent: boolean, bytes?: number): void {
    this.#handler.chunkSent(link, requestId, sent, bytes)
  }
}
