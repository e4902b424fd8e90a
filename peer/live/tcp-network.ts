import type { Socket } from 'node:net'
import { endpointOf, parseEndpoint } from '../protocol/endpoint.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from '../ports/network.ts'
import { ByteBudget } from './byte-budget.ts'
import { dataOf, LiveBody } from './live-body.ts'
import { TcpLink, type TcpLinkOwner } from './tcp-link.ts'
import { TCP_LIMITS, type TcpLimits } from './tcp-options.ts'

/** A link that could not even be tried. */
class DeadLink implements Link {
  readonly remote: Address
  readonly rttMs = NaN
  context: unknown = undefined
  isClosed = false

  constructor(remote: Address) {
    this.remote = remote
  }
}

/** The Network port over TCP for one node. Sockets that others open are handed in by whoever listens. */
export class TcpNetwork implements Network, TcpLinkOwner {
  readonly #limits: TcpLimits
  readonly #budget: ByteBudget
  readonly #links = new Set<TcpLink>()
  /** Links closed by this node that still send their last words. */
  readonly #closing = new Set<Promise<void>>()
  #handler: LinkHandler | undefined

  constructor(limits: TcpLimits = TCP_LIMITS, budget: ByteBudget = new ByteBudget(limits.receiveBytes)) {
    this.#limits = limits
    this.#budget = budget
  }

  get linkCount(): number {
    return this.#links.size
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
  }

  connect(remote: Address): Link {
    try {
      const link = TcpLink.dial(remote, this, this.#limits, this.#budget)
      this.#links.add(link)
      return link
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const dead = new DeadLink(remote)
      setImmediate(() => {
        if (!dead.isClosed) this.#handler?.linkDown(dead, 'unreachable')
      })
      return dead
    }
  }

  /** Takes over a socket that another node opened. */
  accept(socket: Socket): void {
    this.adopt(TcpLink.accept(socket, this, this.#limits, this.#budget))
  }

  /** Takes over a link that another node opened. */
  adopt(link: TcpLink): void {
    link.owner = this
    this.#links.add(link)
    this.#handler?.linkUp(link, true)
  }

  close(link: Link): void {
    if (link instanceof DeadLink) {
      link.isClosed = true
      return
    }
    if (!this.#links.delete(tcp(link))) return
    const closing = tcp(link).close()
    this.#closing.add(closing)
    void closing.finally(() => this.#closing.delete(closing))
  }

  send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    tcp(link).send(message)
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    tcp(link).sendChunk(header, dataOf(body))
  }

  abortChunk(link: Link, requestId: number): void {
    tcp(link).abortChunk(requestId)
  }

  /** Waits until the links that this node has closed are gone. */
  async idle(): Promise<void> {
    await Promise.all(this.#closing)
  }

  /** Cuts all links at once; the handler hears nothing more. */
  destroy(): void {
    for (const link of this.#links) link.destroy()
    this.#links.clear()
    this.#handler = undefined
  }

  up(link: TcpLink): void {
    this.#handler?.linkUp(link, false)
  }

  down(link: TcpLink, reason: LinkDownReason): void {
    if (this.#links.delete(link)) this.#handler?.linkDown(link, reason)
  }

  message(link: TcpLink, message: Exclude<Message, ChunkHeader>): void {
    this.#handler?.message(link, withTrueAddress(message, link))
  }

  chunkBegins(link: TcpLink, header: ChunkHeader): void {
    this.#handler?.chunkBegins(link, header)
  }

  chunkArrived(link: TcpLink, header: ChunkHeader, data: Uint8Array): void {
    this.#handler?.chunkArrived(link, header, new LiveBody(data))
  }

  chunkSent(link: TcpLink, requestId: number, sent: boolean): void {
    this.#handler?.chunkSent(link, requestId, sent)
  }
}

/** Nobody can name a host other than its own, where it names its own: the host is the one that the link leads to. */
function withTrueAddress(
  message: Exclude<Message, ChunkHeader>,
  link: TcpLink,
): Exclude<Message, ChunkHeader> {
  const { host } = parseEndpoint(link.remote)
  switch (message.type) {
    case 'handshake':
      return { ...message, address: link.isIncoming ? endpointOf(host, message.address) : link.remote }
    case 'hit':
      return {
        ...message,
        addresses: message.addresses.map((address) =>
          address.startsWith(':') ? endpointOf(host, address) : address,
        ),
      }
    default:
      return message
  }
}

function tcp(link: Link): TcpLink {
  if (!(link instanceof TcpLink)) throw new TypeError('invalid link: made by another network')
  return link
}
