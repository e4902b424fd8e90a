declare module 'bittorrent-dht' {
  import type { EventEmitter } from 'node:events'

  export interface DhtNode {
    readonly address?: string
    readonly host?: string
    readonly port: number
  }

  export interface DhtOptions {
    /** `host:port` each; the well-known ones where it is left out. */
    readonly bootstrap?: readonly string[] | false
    readonly concurrency?: number
    readonly maxTables?: number
    readonly maxPeers?: number
    /** Milliseconds that an announced peer is remembered. */
    readonly maxAge?: number
  }

  interface DhtEvents {
    listening: []
    ready: []
    error: [error: NodeJS.ErrnoException]
    warning: [error: Error]
    peer: [peer: { readonly host: string; readonly port: number }, infoHash: Buffer, from: DhtNode | null]
  }

  /** A node of the mainline DHT (BEP 5). */
  export class Client extends EventEmitter<DhtEvents> {
    readonly nodes: { toArray(): readonly DhtNode[] }
    constructor(options?: DhtOptions)
    listen(port: number, address?: string): void
    address(): { readonly address: string; readonly port: number }
    lookup(infoHash: string, done?: (error: Error | null, nodes?: number) => void): () => void
    announce(infoHash: string, port: number, done?: (error: Error | null) => void): void
    destroy(done?: () => void): void
  }
}
