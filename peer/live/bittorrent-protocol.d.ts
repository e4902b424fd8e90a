declare module 'bittorrent-protocol' {
  import type { Duplex } from 'node:stream'

  export type Respond = (error: Error | null, block?: Uint8Array) => void
  export type Answered = (error: Error | null, block: Uint8Array | null) => void

  /** The parts of the wire that Seedbed uses. */
  export default class Wire extends Duplex {
    constructor(type?: string)
    peerId: string | null
    amChoking: boolean
    amInterested: boolean
    peerChoking: boolean
    peerInterested: boolean
    hasFast: boolean
    extendedHandshake: Record<string, unknown>
    peerExtendedHandshake: Record<string, unknown>
    peerExtendedMapping: Record<string, number>
    peerExtensions: { dht?: boolean; fast?: boolean; extended?: boolean }
    peerRequests: unknown[]
    setKeepAlive(enable: boolean): void
    use(extension: unknown): void
    handshake(infoHash: string, peerId: string, extensions?: { dht?: boolean; fast?: boolean }): void
    choke(): void
    unchoke(): void
    interested(): void
    uninterested(): void
    have(index: number): void
    bitfield(bitfield: Uint8Array): void
    request(index: number, offset: number, length: number, answered: Answered): void
    cancel(index: number, offset: number, length: number): void
    haveAll(): void
    haveNone(): void
    reject(index: number, offset: number, length: number): void
    extended(extension: string | number, message: unknown): void
  }
}
