import type { Respond } from 'bittorrent-protocol'
import { ChunkSet } from '../protocol/chunk-set.ts'
import { endpointOf, parseEndpoint } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Handshake, Load, Message } from '../protocol/messages.ts'
import type { Link, LinkDownReason } from '../ports/network.ts'
import { BlockFetcher } from './block-fetcher.ts'
import { BlockServer } from './block-server.ts'
import type { ByteBudget } from './byte-budget.ts'
import { serveMetadata } from './metadata-extension.ts'
import { greet, greetingOf, SeedbedExtension, type SeedbedMessage } from './seedbed-extension.ts'
import type { WireConnection } from './wire-connection.ts'
import type { WireContent } from './wire-content.ts'
import { type WireLimits } from './wire-limits.ts'

/** Requests that a client queues where it does not say (BEP 10). */
const DEFAULT_REQUESTS = 250
const MOST_REQUESTS = 2000
/** Chunks of one neighbour that are asked of the core at once, where it can't be told that they are too many. */
const MOST_UPLOADS = 2

const UNKNOWN_LOAD: Load = { active: NaN, queued: NaN }

type ControlMessage = Exclude<Message, ChunkHeader>

/** Who hears of a link; never called from inside a call of the link. */
export interface WireLinkOwner {
  message(link: WireLink, message: ControlMessage): void
  chunkBegins(link: WireLink, header: ChunkHeader): void
  chunkArrived(link: WireLink, header: ChunkHeader, data: Uint8Array): void
  chunkSent(link: WireLink, requestId: number, bytes: number): void
  down(link: WireLink, reason: LinkDownReason): void
}

/** One end of a BitTorrent connection, as the core sees it: whole chunks, and its own messages. */
export class WireLink implements Link {
  readonly remote: Address
  context: unknown = undefined
  readonly #connection: WireConnection
  readonly #owner: WireLinkOwner
  readonly #content: WireContent
  readonly #limits: WireLimits
  readonly #fetcher: BlockFetcher
  readonly #server: BlockServer
  readonly #extension: SeedbedExtension
  #load = UNKNOWN_LOAD
  #isShaken = false
  #hasToldPieces = false
  #hasHeardPieces = false

  constructor(
    connection: WireConnection,
    owner: WireLinkOwner,
    content: WireContent,
    limits: WireLimits,
    budget: ByteBudget,
  ) {
    this.#connection = connection
    this.remote = connection.remote
    this.#owner = owner
    this.#content = content
    this.#limits = limits
    const { wire } = connection
    this.#extension = new SeedbedExtension(wire, (message) => this.#hear(message))
    if (content.info) serveMetadata(wire, content.info)
    this.#fetcher = this.#createFetcher(budget)
    this.#server = this.#createServer()
    connection.onLeft = () => this.#server.left()
    connection.onDown = (reason) => this.#down(reason)
    this.#listen()
  }

  /** Set-up time of the connection, or the least time in which a request was answered; NaN before either is known. */
  get rttMs(): number {
    const { connectMs } = this.#connection
    return Number.isNaN(connectMs) ? this.#fetcher.answerMs : connectMs
  }

  send(message: ControlMessage): void {
    const { wire } = this.#connection
    if (this.#connection.isDown) return
    switch (message.type) {
      case 'handshake':
        return this.#shake(message)
      case 'bitfield':
        return this.#tellPieces(message.chunks)
      case 'have':
        this.#extension.say(message)
        return wire.have(message.chunk)
      case 'interested':
        return message.interested ? wire.interested() : wire.uninterested()
      case 'choke':
        wire.choke()
        return this.#server.choked()
      case 'unchoke':
        this.#extension.say(message)
        return wire.unchoke()
      case 'request':
        return this.#fetcher.fetch(message.requestId, message.chunk)
      case 'cancel':
        return this.#fetcher.cancel(message.requestId)
      case 'busy':
        this.#extension.say(message)
        return this.#server.refused(message.requestId)
      case 'report':
        return this.#extension.gossip(message.reports)
      default:
        throw new TypeError(`invalid message: ${message.type} (BitTorrent has no such thing)`)
    }
  }

  sendChunk({ requestId, active, queued }: ChunkHeader, data: Uint8Array): void {
    if (this.#connection.isDown) return
    this.#extension.say({ active, queued })
    this.#server.serve(requestId, data)
  }

  abortChunk(requestId: number): void {
    this.#server.abort(requestId)
  }

  /** Ends the link; what was said before still leaves. The owner hears nothing more. */
  async close(): Promise<void> {
    this.#stop()
    await this.#connection.close()
  }

  /** Cuts the link at once; the owner hears nothing more. */
  destroy(): void {
    this.#stop()
    this.#connection.destroy()
  }

  #stop(): void {
    this.#fetcher.close()
    this.#server.close()
  }

  #down(reason: LinkDownReason): void {
    const { taken } = this.#server
    this.#stop()
    for (const requestId of taken) this.#owner.chunkSent(this, requestId, 0)
    this.#owner.down(this, reason)
  }

  #shake({ contentId, peerId, address, ...greeting }: Handshake): void {
    const { wire } = this.#connection
    greet(wire, greeting)
    wire.extendedHandshake['v'] = this.#content.client
    wire.extendedHandshake['reqq'] = this.#limits.maxBlockRequests
    if (address !== '') wire.extendedHandshake['p'] = parseEndpoint(address).port
    wire.handshake(contentId, peerId, { fast: true })
    // The other side's handshake has come already where it has opened the connection.
    if (wire.peerId) this.#heardHandshake()
  }

  /** The rest of the other side's greeting follows in its extension handshake, where it has one. */
  #heardHandshake(): void {
    if (!this.#connection.wire.peerExtensions.extended) setImmediate(() => this.#begin())
  }

  /** The other side has told who it is: now the owner hears of it. */
  #begin(): void {
    const { wire } = this.#connection
    if (this.#isShaken || this.#connection.isDown) return
    this.#isShaken = true
    const { region = '', isOrigin = false, uploadSlots = NaN } = greetingOf(wire.peerExtendedHandshake) ?? {}
    this.#owner.message(this, {
      type: 'handshake',
      contentId: this.#content.infoHash,
      peerId: wire.peerId!,
      address: this.#listeningAddress(),
      region,
      isOrigin,
      uploadSlots,
    })
    if (wire.hasFast && !this.#hasToldPieces && !this.#connection.isDown) this.#tellPieces()
  }

  #hear(message: SeedbedMessage): void {
    if ('load' in message) {
      this.#load = message.load
      return
    }
    this.#begin()
    const { infoHash: contentId } = this.#content
    const peerId = this.#connection.wire.peerId!
    if (!this.#connection.isDown)
      this.#owner.message(this, { type: 'report', contentId, peerId, reports: message.reports })
  }

  #listeningAddress(): Address {
    if (this.#connection.isDialled) return this.remote
    const port = Number(this.#connection.wire.peerExtendedHandshake['p'])
    const match = /^(.+):\d+$/.exec(this.remote)
    return match && port > 0 ? endpointOf(parseEndpoint(this.remote).host, `:${port}`) : ''
  }

  #tellPieces(chunks?: ChunkSet): void {
    const { wire } = this.#connection
    this.#hasToldPieces = true
    if (!chunks) wire.haveNone()
    else if (wire.hasFast && chunks.isFull) wire.haveAll()
    else wire.bitfield(chunks.toBytes())
  }

  #listen(): void {
    const { wire } = this.#connection
    const tell = (message: ControlMessage): void => {
      this.#begin()
      if (!this.#connection.isDown) this.#owner.message(this, message)
    }
    const size = this.#content.chunkCount
    // Some clients tell of many new pieces by a bitfield where others send one message a piece.
    const tellAll = (chunks: ChunkSet): void => {
      if (this.#hasHeardPieces) chunks.forEach((chunk) => tell({ type: 'have', chunk, ...this.#load }))
      else tell({ type: 'bitfield', chunks })
      this.#hasHeardPieces = true
    }
    wire.handle('handshake', (infoHash: string) => {
      if (infoHash !== this.#content.infoHash) this.#connection.fail('protocol')
      else this.#heardHandshake()
    })
    wire.handle('extended', (name: string) => name === 'handshake' && this.#begin())
    wire.handle('bitfield', ({ buffer }: { buffer: Uint8Array }) => {
      const chunks = ChunkSet.fromBytes(buffer, size)
      if (chunks) tellAll(chunks)
      else this.#connection.fail('protocol')
    })
    wire.handle('have-all', () => tellAll(ChunkSet.full(size)))
    wire.handle('have', (chunk: number) => {
      if (chunk >= 0 && chunk < size) tell({ type: 'have', chunk, ...this.#load })
      else this.#connection.fail('protocol')
    })
    wire.handle('interested', () => tell({ type: 'interested', interested: true }))
    wire.handle('uninterested', () => tell({ type: 'interested', interested: false }))
    wire.handle('unchoke', () => tell({ type: 'unchoke', ...this.#load }))
    wire.handle('choke', () => {
      if (this.#connection.isDown) return
      this.#fetcher.choked()
      tell({ type: 'choke' })
    })
    wire.handle('request', (chunk: number, offset: number, length: number, respond: Respond) => {
      this.#begin()
      this.#server.request(chunk, offset, length, respond)
    })
    wire.handle('cancel', (chunk: number, offset: number, length: number) =>
      this.#server.cancel(chunk, offset, length),
    )
  }

  #createFetcher(budget: ByteBudget): BlockFetcher {
    const { wire } = this.#connection
    const header = (requestId: number, chunk: number): ChunkHeader => ({
      ...{ type: 'chunk', requestId, chunk, bytes: this.#content.chunkBytes(chunk) },
      ...this.#load,
    })
    return new BlockFetcher(wire, budget, {
      chunkBytes: (chunk) => this.#content.chunkBytes(chunk),
      mostRequests: () => {
        const told = Number(wire.peerExtendedHandshake['reqq'])
        return told >= 1 ? Math.min(told, MOST_REQUESTS) : DEFAULT_REQUESTS
      },
      begins: (requestId, chunk) => this.#owner.chunkBegins(this, header(requestId, chunk)),
      arrived: (requestId, chunk, data) => this.#owner.chunkArrived(this, header(requestId, chunk), data),
      refused: (requestId) => this.#owner.message(this, { type: 'busy', requestId, ...this.#load }),
    })
  }

  #createServer(): BlockServer {
    const connection = this.#connection
    return new BlockServer({
      mostUploads: MOST_UPLOADS,
      mostBlocks: this.#limits.maxBlockRequests,
      chunkBytes: (chunk) =>
        chunk >= 0 && chunk < this.#content.chunkCount ? this.#content.chunkBytes(chunk) : undefined,
      hearsBusy: () => this.#extension.isHeard && connection.wire.hasFast,
      asks: (requestId, chunk) => this.#owner.message(this, { type: 'request', requestId, chunk }),
      cancels: (requestId) => this.#owner.message(this, { type: 'cancel', requestId }),
      sent: (requestId, bytes) =>
        void setImmediate(() => !connection.isDown && this.#owner.chunkSent(this, requestId, bytes)),
      room: () => connection.room(),
      handedBytes: () => connection.handedBytes,
      leftBytes: () => connection.leftBytes,
      broken: () => connection.fail('protocol'),
    })
  }
}
