import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Endpoint } from '../protocol/endpoint.ts'
import type { ContentId } from '../protocol/ids.ts'
import { ByteBudget } from './byte-budget.ts'
import { ListenError } from './errors.ts'
import { TcpLink, type TcpLinkOwner } from './tcp-link.ts'
import { TcpNetwork } from './tcp-network.ts'
import { TCP_LIMITS, type TcpLimits } from './tcp-options.ts'

const ignore = (): void => {}

/** One listening socket for all contents of a process: the first frame, a handshake, tells whose link it is. */
export class PeerHost {
  readonly #server: Server
  readonly #limits: TcpLimits
  readonly #budget: ByteBudget
  readonly #networks = new Map<ContentId, TcpNetwork>()
  /** Incoming links whose handshake has not come, each with its time-out. */
  readonly #strangers = new Map<TcpLink, NodeJS.Timeout>()

  private constructor(limits: TcpLimits) {
    this.#limits = limits
    this.#budget = new ByteBudget(limits.receiveBytes)
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.maxConnections = limits.maxConnections
  }

  /** Starts to listen; port 0 takes a free one. Rejects with ListenError. */
  static async listen({ host, port }: Endpoint, limits: TcpLimits = TCP_LIMITS): Promise<PeerHost> {
    const peerHost = new PeerHost(limits)
    await new Promise<void>((resolve, reject) => {
      const server = peerHost.#server
      server.once('error', (error) => reject(new ListenError(host, port, error)))
      server.listen(port, host, resolve)
    })
    peerHost.#server.on('error', ignore)
    return peerHost
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Links that have not told yet which content they are for. */
  get strangerCount(): number {
    return this.#strangers.size
  }

  /** The network of one content's peer, which from now on is given the incoming links for that content. */
  open(contentId: ContentId): TcpNetwork {
    if (this.#networks.has(contentId)) throw new TypeError(`invalid content: ${contentId} is served already`)
    const network = new TcpNetwork(this.#limits, this.#budget)
    this.#networks.set(contentId, network)
    return network
  }

  /** Stops listening and waits until the last links are gone; what peers said before they left still leaves. */
  async close(): Promise<void> {
    for (const link of this.#strangers.keys()) this.#drop(link)
    const closed = new Promise((resolve) => this.#server.close(resolve))
    await Promise.all([closed, ...[...this.#networks.values()].map((network) => network.idle())])
  }

  /** Cuts everything at once. */
  destroy(): void {
    for (const link of this.#strangers.keys()) this.#drop(link)
    for (const network of this.#networks.values()) network.destroy()
    this.#server.close()
  }

  #accept(socket: Socket): void {
    const owner: TcpLinkOwner = {
      up: ignore,
      down: (link) => this.#forget(link),
      message: (link, message) => {
        this.#forget(link)
        const network = message.type === 'handshake' ? this.#networks.get(message.contentId) : undefined
        if (!network) return void link.close()
        network.adopt(link)
        network.message(link, message)
      },
      chunkBegins: (link) => this.#drop(link),
      chunkArrived: ignore,
      chunkSent: ignore,
    }
    const link = TcpLink.accept(socket, owner, this.#limits, this.#budget)
    this.#strangers.set(
      link,
      setTimeout(() => this.#drop(link), this.#limits.handshakeTimeoutMs),
    )
  }

  #forget(link: TcpLink): void {
    clearTimeout(this.#strangers.get(link))
    this.#strangers.delete(link)
  }

  #drop(link: TcpLink): void {
    this.#forget(link)
    void link.close()
  }
}
