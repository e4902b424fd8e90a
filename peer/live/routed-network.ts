import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Link, LinkHandler, Network } from '../ports/network.ts'

/** A network for addresses of some form. */
export interface Route {
  takes(address: Address): boolean
  readonly network: Network
}

/** The Network port of a live peer: each address goes to the first network that takes it, all others to its own. */
export class RoutedNetwork implements Network {
  readonly #own: Network
  readonly #routes: readonly Route[]
  readonly #networks = new WeakMap<Link, Network>()

  constructor(own: Network, routes: readonly Route[]) {
    this.#own = own
    this.#routes = routes
  }

  attach(handler: LinkHandler): void {
    this.#own.attach(handler)
    for (const { network } of this.#routes) network.attach(handler)
  }

  connect(remote: Address): Link {
    const network = this.#routes.find(({ takes }) => takes(remote))?.network
    if (!network) return this.#own.connect(remote)
    const link = network.connect(remote)
    this.#networks.set(link, network)
    return link
  }

  close(link: Link): void {
    this.#of(link).close(link)
  }

  send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    this.#of(link).send(link, message)
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#of(link).sendChunk(link, header, body)
  }

  abortChunk(link: Link, requestId: number): void {
    this.#of(link).abortChunk(link, requestId)
  }

  #of(link: Link): Network {
    return this.#networks.get(link) ?? this.#own
  }
}
