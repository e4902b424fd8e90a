import { channel } from 'node:diagnostics_channel'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { NetworkNode, NetworkWorld } from '../ports/network.contract.ts'
import { LiveBody } from './live-body.ts'
import { TcpNetwork } from './tcp-network.ts'
import { TCP_LIMITS, type TcpLimits } from './tcp-options.ts'

const CLIENTS = channel('net.client.socket')
const SERVERS = channel('net.server.socket')

/** Nodes on loopback, and all sockets of the process, so that a test can wait until none has anything under way. */
export class TcpWorld implements NetworkWorld {
  readonly #limits: TcpLimits
  readonly #servers: Server[] = []
  readonly #networks: TcpNetwork[] = []
  /** The sockets of this process, by the side that opened them or was asked. */
  readonly clients: Socket[] = []
  readonly accepted: Socket[] = []
  readonly #noteClient = (event: unknown): void =>
    void this.clients.push((event as { socket: Socket }).socket)
  readonly #noteServer = (event: unknown): void =>
    void this.accepted.push((event as { socket: Socket }).socket)

  constructor(limits: Partial<TcpLimits> = {}) {
    this.#limits = { ...TCP_LIMITS, ...limits }
    CLIENTS.subscribe(this.#noteClient)
    SERVERS.subscribe(this.#noteServer)
  }

  async node(): Promise<NetworkNode & { readonly network: TcpNetwork }> {
    const network = new TcpNetwork(this.#limits)
    const server = createServer((socket) => network.accept(socket))
    this.#servers.push(server)
    this.#networks.push(network)
    return { address: `127.0.0.1:${await listenAnywhere(server)}`, network }
  }

  async deadAddress(): Promise<string> {
    const server = createServer()
    const port = await listenAnywhere(server)
    await new Promise((resolve) => server.close(resolve))
    return `127.0.0.1:${port}`
  }

  body(bytes: number): LiveBody {
    return new LiveBody(new Uint8Array(bytes).fill(bytes & 0xff))
  }

  /** Waits until every byte sent has been read and every half-closed connection is closed. */
  async settle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 3;) {
      await setImmediate()
      quietTurns = this.#isQuiet() ? quietTurns + 1 : 0
    }
  }

  async dispose(): Promise<void> {
    CLIENTS.unsubscribe(this.#noteClient)
    SERVERS.unsubscribe(this.#noteServer)
    for (const network of this.#networks) network.destroy()
    for (const socket of [...this.clients, ...this.accepted]) socket.destroy()
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }

  #isQuiet(): boolean {
    const clients = this.clients.filter((socket) => !socket.destroyed)
    const accepted = this.accepted.filter((socket) => !socket.destroyed)
    return (
      clients.length === accepted.length &&
      clients.every((client) => {
        const far = accepted.find((socket) => socket.remotePort === client.localPort)
        return far !== undefined && isRead(client, far) && isRead(far, client)
      })
    )
  }
}

const isRead = (from: Socket, to: Socket): boolean =>
  from.writableLength === 0 && from.bytesWritten === to.bytesRead

export async function listenAnywhere(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
