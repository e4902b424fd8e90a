import { isHttpAddress } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Link, LinkHandler, Network } from '../ports/network.ts'
import type { HttpTrackerNetwork } from './http-tracker-link.ts'
import type { TcpNetwork } from './tcp-network.ts'

/** The Network port of a live peer: HTTP for addresses that are URLs, TCP for all others. */
export class AddressNetwork implements Network {
  readonly #tcp: TcpNetwork
  readonly #http: HttpTrackerNetwork

  constructor(tcp: TcpNetwork, http: HttpTrackerNetwork) {
    this.#tcp = tcp
    this.#http = http
  }

  attach(handler: LinkHandler): void {
    this.#tcp.attach(handler)
    this.#http.attach(handler)
  }

  connect(remote: Address): Link {
    return (isHttpAddress(remote) ? this.#http : this.#tcp).connect(remote)
  }

  close(link: Link): void {
    this.#of(link).close(link)
  }

  send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    this.#of(link).send(link, message)
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#tcp.sendChunk(link, header, body)
  }

  abortChunk(link: Link, requestId: number): void {
    this.#tcp.abortChunk(link, requestId)
  }

  #of(link: Link): Network {
    return this.#http.owns(link) ? this.#http : this.#tcp
  }
}
