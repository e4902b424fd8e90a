declare module 'bittorrent-tracker/server' {
  import type { AddressInfo } from 'node:net'

  interface Listener {
    address(): AddressInfo
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
    on(event: 'listening', listener: () => void): void
    on(event: 'error' | 'warning', listener: (error: Error) => void): void
  }
}
