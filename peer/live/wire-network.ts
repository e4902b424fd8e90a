import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { parseEndpoint } from '../protocol/endpoint.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Address, PeerId } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from '../ports/network.ts'
import type { ByteBudget } from './byte-budget.ts'
import { dataOf, LiveBody } from './live-body.ts'
import type { Rates } from './token-bucket.ts'
import { WireConnection } from './wire-connection.ts'
import type { WireContent } from './wire-content.ts'
import { WireLink, type WireLinkOwner } from './wire-link.ts'
import type { WireLimits } from './wire-limits.ts'

/** Addresses of which it is remembered who answered there. */
const MOST_ADDRESSES = 1_000

/** What all contents of a process share. */
export interface WireShared {
  readonly limits: WireLimits
  readonly rates: Rates
  readonly budget: ByteBudget
  /** Whether one more connection may be opened. */
  mayConnect(): boolean
}

/** The Network port of one torrent: BitTorrent over TCP where this peer dials, over any stream that is handed in. */
export class WireNetwork implements Network, WireLinkOwner {
  readonly content: WireContent
  readonly #shared: WireShared
  readonly #links = new Set<WireLink>()
  /** Links closed by this node that still send their last words. */
  readonly #closing = new Set<Promise<void>>()
  /** Who answered at which address, the one met longest ago first. */
  readonly #peersAt = new Map<Address, PeerId>()
  #handler: LinkHandler | undefined

  constructor(content: WireContent, shared: WireShared) {
    this.content = content
    this.#shared = shared
  }

  /** Connections, those being set up included. */
  get linkCount(): number {
    return this.#links.size
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
  }

  connect(remote: Address): Link {
    const { limits, rates } = this.#shared
    const mayConnect = this.#shared.mayConnect()
    const socket = new Socket()
    const connection = WireConnection.dial(socket, remote, limits, rates)
    const link = this.#add(connection)
    connection.onOpen = () => this.#handler?.linkUp(link, false)
    try {
      const endpoint = parseEndpoint(remote)
      if (mayConnect) socket.connect(endpoint)
      else setImmediate(() => connection.fail('refused'))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      setImmediate(() => connection.fail('unreachable'))
    }
    return link
  }

  /**
   * Takes over an open stream to a peer of this torrent on which nothing was said yet; for a data channel, which nobody
   * dialled, both ends do. `remote` is `host:port` where that is known, or any name of the other side.
   */
  adoptStream(stream: Duplex, remote: Address): void {
    const { limits, rates } = this.#shared
    this.adopt(new WireConnection(stream, remote, limits, rates))
  }

  /** Takes over a connection that another node opened for this torrent. */
  adopt(connection: WireConnection): void {
    this.#handler?.linkUp(this.#add(connection), true)
  }

  close(link: Link): void {
    if (!this.#links.delete(wire(link))) return
    const closing = wire(link).close()
    this.#closing.add(closing)
    void closing.finally(() => this.#closing.delete(closing))
  }

  send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    wire(link).send(message)
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    wire(link).sendChunk(header, dataOf(body))
  }

  abortChunk(link: Link, requestId: number): void {
    wire(link).abortChunk(requestId)
  }

  /** Waits until the links that this node has closed are gone. */
  async idle(): Promise<void> {
    await Promise.all(this.#closing)
  }

  /** Cuts all links at once; the handler hears nothing more. */
  destroy(): void {
    this.#handler = undefined
    for (const link of this.#links) link.destroy()
    this.#links.clear()
  }

  down(link: WireLink, reason: LinkDownReason): void {
    if (this.#links.delete(link)) this.#handler?.linkDown(link, reason)
  }

  /** The peer that answered last at an address. */
  peerAt(address: Address): PeerId | undefined {
    return this.#peersAt.get(address)
  }

  message(link: WireLink, message: Exclude<Message, ChunkHeader>): void {
    if (message.type === 'handshake' && message.address !== '') this.#meet(message.address, message.peerId)
    if (this.#links.has(link)) this.#handler?.message(link, message)
  }

  chunkBegins(link: WireLink, header: ChunkHeader): void {
    if (this.#links.has(link)) this.#handler?.chunkBegins(link, header)
  }

  chunkArrived(link: WireLink, header: ChunkHeader, data: Uint8Array): void {
    if (this.#links.has(link)) this.#handler?.chunkArrived(link, header, new LiveBody(data))
  }

  chunkSent(link: WireLink, requestId: number, bytes: number): void {
    if (this.#links.has(link)) this.#handler?.chunkSent(link, requestId, bytes > 0, bytes)
  }

  #meet(address: Address, peerId: PeerId): void {
    this.#peersAt.delete(address)
    this.#peersAt.set(address, peerId)
    if (this.#peersAt.size > MOST_ADDRESSES) this.#peersAt.delete(this.#peersAt.keys().next().value!)
  }

  #add(connection: WireConnection): WireLink {
    const { limits, budget } = this.#shared
    const link = new WireLink(connection, this, this.content, limits, budget)
    this.#links.add(link)
    return link
  }
}

function wire(link: Link): WireLink {
  if (!(link instanceof WireLink)) throw new TypeError('invalid link: made by another network')
  return link
}
