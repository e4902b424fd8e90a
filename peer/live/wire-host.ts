import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { type Endpoint, formatEndpoint } from '../protocol/endpoint.ts'
import { ByteBudget } from './byte-budget.ts'
import { ListenError } from './errors.ts'
import { whenSpoken } from './first-byte.ts'
import { type Rates, ratesOf } from './token-bucket.ts'
import { WireConnection } from './wire-connection.ts'
import type { WireContent } from './wire-content.ts'
import { WIRE_LIMITS, type WireLimits } from './wire-limits.ts'
import { WireNetwork, type WireShared } from './wire-network.ts'

const ignore = (): void => {}

export interface WireHostOptions {
  readonly limits?: Partial<WireLimits>
  /** Bounds on all connections together. */
  readonly rates?: Rates
  /** Takes connections that do not begin as BitTorrent's do. */
  others?(socket: Socket): void
}

/** How BitTorrent's handshake begins (BEP 3). */
const PROTOCOL_NAME_BYTES = 19

/** One listening socket for all torrents of a process: the handshake's info hash tells whose connection it is. */
export class WireHost {
  readonly #server: Server
  readonly #shared: WireShared
  readonly #networks = new Map<string, WireNetwork>()
  /** Incoming connections whose handshake has not come, each with its time-out. */
  readonly #strangers = new Map<WireConnection, NodeJS.Timeout>()
  /** Incoming connections that have said nothing yet. */
  readonly #silent = new Set<Socket>()
  readonly #others: WireHostOptions['others']

  private constructor({ limits: given, rates = ratesOf(), others }: WireHostOptions) {
    this.#others = others
    const limits = { ...WIRE_LIMITS, ...given }
    this.#shared = {
      limits,
      rates,
      budget: new ByteBudget(limits.receiveBytes),
      mayConnect: () => this.connectionCount < limits.maxConnections,
    }
    this.#server = createServer({ noDelay: true }, (socket) => this.#sort(socket))
  }

  /** Starts to listen; port 0 takes a free one. Rejects with ListenError. */
  static async listen({ host, port }: Endpoint, options: WireHostOptions = {}): Promise<WireHost> {
    const wireHost = new WireHost(options)
    await new Promise<void>((resolve, reject) => {
      const server = wireHost.#server
      server.once('error', (error) => reject(new ListenError(host, port, error)))
      server.listen(port, host, resolve)
    })
    wireHost.#server.on('error', ignore)
    return wireHost
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections of all torrents, and of strangers. */
  get connectionCount(): number {
    const unnamed = this.#strangers.size + this.#silent.size
    return [...this.#networks.values()].reduce((sum, { linkCount }) => sum + linkCount, unnamed)
  }

  /** The network of one torrent, which from now on is given the incoming connections for it. */
  open(content: WireContent): WireNetwork {
    const { infoHash } = content
    if (this.#networks.has(infoHash)) throw new TypeError(`invalid torrent: ${infoHash} is shared already`)
    const network = new WireNetwork(content, this.#shared)
    this.#networks.set(infoHash, network)
    return network
  }

  /** Stops listening and waits until the last connections are gone; what was said before still leaves. */
  async close(): Promise<void> {
    for (const socket of this.#silent) socket.destroy()
    const strangers = [...this.#strangers.keys()].map((stranger) => this.#drop(stranger))
    const closed = new Promise((resolve) => this.#server.close(resolve))
    const networks = [...this.#networks.values()].map((network) => network.idle())
    await Promise.all([closed, ...strangers, ...networks])
  }

  /** Cuts everything at once. */
  destroy(): void {
    for (const socket of this.#silent) socket.destroy()
    for (const stranger of this.#strangers.keys()) this.#forget(stranger).destroy()
    for (const network of this.#networks.values()) network.destroy()
    this.#server.close()
  }

  /** Tells BitTorrent's connections from others, where others are taken. */
  #sort(socket: Socket): void {
    const others = this.#others
    if (!others) return this.#accept(socket)
    const { limits, mayConnect } = this.#shared
    if (!mayConnect()) return void socket.destroy()
    this.#silent.add(socket)
    socket.once('close', () => this.#silent.delete(socket))
    whenSpoken(socket, limits.handshakeTimeoutMs, (byte) => {
      this.#silent.delete(socket)
      if (byte === PROTOCOL_NAME_BYTES) this.#accept(socket)
      else others(socket)
    })
  }

  #accept(socket: Socket): void {
    const { limits, rates } = this.#shared
    const remote = formatEndpoint(socket.remoteAddress ?? '0.0.0.0', socket.remotePort ?? 0)
    const connection = new WireConnection(socket, remote, limits, rates)
    if (!this.#shared.mayConnect()) return connection.destroy()
    this.#strangers.set(
      connection,
      setTimeout(() => void this.#drop(connection), limits.handshakeTimeoutMs),
    )
    connection.onDown = () => this.#forget(connection)
    connection.wire.handle('handshake', (infoHash: string) => {
      if (!this.#strangers.has(connection)) return
      const network = this.#networks.get(infoHash)
      if (network) network.adopt(this.#forget(connection))
      else void this.#drop(connection)
    })
  }

  #forget(connection: WireConnection): WireConnection {
    clearTimeout(this.#strangers.get(connection))
    this.#strangers.delete(connection)
    return connection
  }

  async #drop(connection: WireConnection): Promise<void> {
    await this.#forget(connection).close()
  }
}
