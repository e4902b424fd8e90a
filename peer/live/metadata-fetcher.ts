import bencode from 'bencode'
import { createHash } from 'node:crypto'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { parseEndpoint } from '../protocol/endpoint.ts'
import type { Address, PeerId } from '../protocol/ids.ts'
import { Deferred } from './deferred.ts'
import { fetchMetadata } from './metadata-extension.ts'
import type { Rates } from './token-bucket.ts'
import { WireConnection } from './wire-connection.ts'
import type { WireLimits } from './wire-limits.ts'

/** Peers that are asked at once, and addresses that wait. */
const MOST_ASKED = 8
const MOST_WAITING = 500
/** A peer that has not told all by then is left for another. */
const PATIENCE_MS = 20_000
/** Addresses that did not help are tried again after this. */
const AGAIN_MS = 10_000

export interface MetadataFetcherOptions {
  readonly infoHash: string
  readonly peerId: PeerId
  readonly limits: WireLimits
  readonly rates: Rates
}

/** Fetches a torrent's info dictionary from peers of which only the address is known (BEP 9). */
export class MetadataFetcher {
  readonly #options: MetadataFetcherOptions
  readonly #known = new Set<Address>()
  #waiting: Address[] = []
  readonly #asked = new Set<WireConnection>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #done = new Deferred<Uint8Array>()
  #isClosed = false

  constructor(options: MetadataFetcherOptions) {
    this.#options = options
  }

  /** The bencoded info dictionary, whose SHA-1 is the info hash; rejects only where it is given up. */
  get info(): Promise<Uint8Array> {
    return this.#done.promise
  }

  /** Another peer may know. */
  meet(address: Address): void {
    if (this.#isClosed || this.#known.has(address) || this.#known.size >= MOST_WAITING) return
    this.#known.add(address)
    this.#waiting.push(address)
    this.#askMore()
  }

  /** Asks over a stream to a peer that is open already. */
  adoptStream(stream: Duplex, remote: Address): void {
    const { limits, rates } = this.#options
    if (this.#isClosed) return void stream.destroy()
    const connection = new WireConnection(stream, remote, limits, rates)
    this.#ask(connection)
    this.#shake(connection)
  }

  /** Stops asking; `info` rejects with the error where nothing has come. */
  close(error: Error): void {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const connection of this.#asked) connection.destroy()
    this.#asked.clear()
    this.#done.reject(error)
  }

  #askMore(): void {
    const { limits, rates } = this.#options
    while (!this.#isClosed && this.#asked.size < MOST_ASKED && this.#waiting.length > 0) {
      const address = this.#waiting.shift()!
      const socket = new Socket()
      const connection = WireConnection.dial(socket, address, limits, rates)
      connection.onOpen = () => this.#shake(connection)
      this.#ask(connection)
      socket.connect(parseEndpoint(address))
    }
  }

  #ask(connection: WireConnection): void {
    this.#asked.add(connection)
    const timer = this.#after(PATIENCE_MS, () => connection.fail('lost'))
    connection.onDown = () => {
      clearTimeout(timer)
      this.#timers.delete(timer)
      this.#asked.delete(connection)
      if (connection.isDialled)
        this.#after(AGAIN_MS, () => {
          this.#waiting.push(connection.remote)
          this.#askMore()
        })
      this.#askMore()
    }
    fetchMetadata(connection.wire, (torrent) => this.#heard(torrent))
  }

  #shake({ wire }: WireConnection): void {
    wire.handshake(this.#options.infoHash, this.#options.peerId, { fast: true })
  }

  #heard(torrent: Uint8Array): void {
    const { info } = bencode.decode(torrent) as { info: unknown }
    const encoded = bencode.encode(info)
    if (createHash('sha1').update(encoded).digest('hex') !== this.#options.infoHash) return
    this.#done.resolve(encoded)
    this.close(new Error('done'))
  }

  #after(ms: number, callback: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      callback()
    }, ms)
    this.#timers.add(timer)
    return timer
  }
}
