import type { Server, Socket } from 'node:net'
import { networkOf } from './rate-limits.ts'

/** Closes what one address, or one IPv6 network, opens beyond so many connections to a server. */
export function boundConnections(server: Server, mostPerAddress: number): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const from = networkOf(socket.remoteAddress ?? '')
    const count = (open.get(from) ?? 0) + 1
    if (count > mostPerAddress) return void socket.destroy()
    open.set(from, count)
    socket.once('close', () => {
      const left = open.get(from)! - 1
      if (left === 0) open.delete(from)
      else open.set(from, left)
    })
  })
}
