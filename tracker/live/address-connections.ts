import type { Server, Socket } from 'node:net'
import { Tally } from '../core/tally.ts'
import { networkOf } from './rate-limits.ts'

/** Counts who is connected. */
export interface Census {
  /** Whether one more may be connected, who is counted then. */
  enter(key: string, most: number): boolean | Promise<boolean>
  /** One who was counted has gone. */
  leave(key: string): void
}

/** Counts who is connected to this process. */
export class LocalCensus implements Census {
  readonly #open = new Tally()

  enter(key: string, most: number): boolean {
    if (this.#open.of(key) >= most) return false
    this.#open.add(key)
    return true
  }

  leave(key: string): void {
    this.#open.remove(key)
  }
}

/** Closes what one address, or one IPv6 network, opens beyond so many connections to a server. */
export function boundAddresses(server: Server, mostPerAddress: number, census: Census): void {
  bound(server, (socket) => networkOf(socket.remoteAddress ?? ''), mostPerAddress, census)
}

/** Closes what is opened beyond so many connections in all. */
export function boundConnections(server: Server, most: number, census: Census): void {
  bound(server, () => 'all', most, census)
}

function bound(server: Server, keyOf: (socket: Socket) => string, most: number, census: Census): void {
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket)
    const heed = (isAdmitted: boolean): void => {
      if (!isAdmitted) socket.destroy()
      else if (socket.destroyed) census.leave(key)
      else socket.once('close', () => census.leave(key))
    }
    const entered = census.enter(key, most)
    if (typeof entered === 'boolean') heed(entered)
    else void entered.then(heed)
  })
}
