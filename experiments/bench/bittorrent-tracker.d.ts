declare module 'bittorrent-tracker/server' {
  import type { AddressInfo } from 'node:net'

  interface Listener {
    address(): AddressInfo
  }

  interface Announced {
    readonly left: number
    readonly uploaded: number
    readonly downloaded: number
  }

  export default class Server {
    readonly http: Listener
    readonly udp4: Listener
    constructor(options: {
      trustProxy?: boolean
      stats?: boolean
      udp?: boolean
      http?: boolean
      ws?: boolean
    })
    listen(port: number, hosts: { http: string; udp: string; udp6: string }): void
    close(closed: () => void): void
    on(event: 'listening', listener: () => void): void
    on(
      event: 'start' | 'update' | 'complete' | 'stop',
      listener: (peer: string, announced: Announced) => void,
    ): void
    on(event: 'error' | 'warning', listener: (error: Error) => void): void
  }
}
