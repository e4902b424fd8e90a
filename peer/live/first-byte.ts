import type { Socket } from 'node:net'

const ignore = (): void => {}

/** Waits for the first byte on a new socket, which stays to be read, and tells it; closes the socket where none comes in time. */
export function whenSpoken(socket: Socket, timeoutMs: number, heard: (byte: number) => void): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs)
  socket.on('error', ignore)
  socket.once('close', () => clearTimeout(timer))
  socket.once('data', (data) => {
    clearTimeout(timer)
    socket.pause()
    socket.unshift(data)
    heard(data[0])
    socket.resume()
  })
}
