import { connect, type Socket } from 'node:net'
import { encode } from '../protocol/codec.ts'
import { formatEndpoint, parseEndpoint } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import { PING_TYPE, PONG_TYPE, pingFrame } from '../protocol/segments.ts'
import type { Link, LinkDownReason } from '../ports/network.ts'
import type { ByteBudget } from './byte-budget.ts'
import { ChunkSender } from './chunk-sender.ts'
import { FrameReader } from './frame-reader.ts'
import type { TcpLimits } from './tcp-options.ts'

/** Weight of a new sample in the smoothed round-trip time (RFC 6298). */
const RTT_WEIGHT = 1 / 8

/** Who hears of a link; called from socket events only, never from inside a call of the link. */
export interface TcpLinkOwner {
  up(link: TcpLink): void
  down(link: TcpLink, reason: LinkDownReason): void
  message(link: TcpLink, message: Exclude<Message, ChunkHeader>): void
  chunkBegins(link: TcpLink, header: ChunkHeader): void
  chunkArrived(link: TcpLink, header: ChunkHeader, data: Uint8Array): void
  chunkSent(link: TcpLink, requestId: number, sent: boolean): void
}

/** One end of a TCP connection that speaks the frames of the protocol. */
export class TcpLink implements Link {
  readonly remote: Address
  readonly isIncoming: boolean
  rttMs = NaN
  context: unknown = undefined
  owner: TcpLinkOwner
  readonly #socket: Socket
  readonly #limits: TcpLimits
  readonly #reader: FrameReader
  readonly #sender: ChunkSender
  #isUp = false
  #isDown = false
  #heardAtMs = performance.now()
  #timer: NodeJS.Timeout | undefined
  #pingToken = 0
  #pingSentMs = NaN

  private constructor(
    socket: Socket,
    remote: Address,
    isIncoming: boolean,
    owner: TcpLinkOwner,
    limits: TcpLimits,
    budget: ByteBudget,
  ) {
    this.remote = remote
    this.isIncoming = isIncoming
    this.owner = owner
    this.#socket = socket
    this.#limits = limits
    this.#sender = new ChunkSender(socket, limits.sendBufferBytes, (requestId) =>
      this.owner.chunkSent(this, requestId, true),
    )
    this.#reader = new FrameReader(
      {
        message: (message) => this.owner.message(this, message),
        chunkBegins: (header) => this.owner.chunkBegins(this, header),
        chunkArrived: (header, data) => this.owner.chunkArrived(this, header, data),
        ping: (token) => this.#write(pingFrame(PONG_TYPE, token)),
        pong: (token) => this.#hearPong(token),
      },
      budget,
    )
    socket.setNoDelay(true)
    socket.on('data', (data: Buffer) => this.#read(data))
    socket.on('end', () => this.#fail(this.#reader.isBetweenFrames ? 'closed' : 'lost'))
    socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(this.#reasonOf(error)))
    socket.on('close', () => this.#fail('lost'))
  }

  /** Starts to connect; `owner.up` or `owner.down` follows. Throws ProtocolError where the address is none. */
  static dial(remote: Address, owner: TcpLinkOwner, limits: TcpLimits, budget: ByteBudget): TcpLink {
    const startedMs = performance.now()
    const socket = connect({ ...parseEndpoint(remote) })
    const link = new TcpLink(socket, remote, false, owner, limits, budget)
    link.#timer = setTimeout(() => link.#fail('unreachable'), limits.connectTimeoutMs)
    socket.once('connect', () => {
      link.rttMs = performance.now() - startedMs
      link.#begin()
      owner.up(link)
    })
    return link
  }

  /** Takes over a socket that another node opened. */
  static accept(socket: Socket, owner: TcpLinkOwner, limits: TcpLimits, budget: ByteBudget): TcpLink {
    const remote = formatEndpoint(socket.remoteAddress ?? '0.0.0.0', socket.remotePort ?? 0)
    const link = new TcpLink(socket, remote, true, owner, limits, budget)
    link.#begin()
    link.#ping()
    return link
  }

  get isDown(): boolean {
    return this.#isDown
  }

  send(message: Exclude<Message, ChunkHeader>): void {
    this.#write(encode(message))
  }

  sendChunk(header: ChunkHeader, data: Uint8Array): void {
    if (!this.#isDown) this.#sender.send(header, data)
  }

  abortChunk(requestId: number): void {
    if (!this.#isDown) this.#sender.abort(requestId)
  }

  /**
   * Ends the link; what was said before still leaves, chunks under way do not. The owner hears nothing more. Resolves
   * when the connection is gone.
   */
  async close(): Promise<void> {
    if (this.#isDown) return
    this.#end()
    const socket = this.#socket
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    // What still comes is read and dropped: closing with unread bytes would reset the connection and lose our last words.
    if (this.#isUp) socket.end()
    else socket.destroy()
    const linger = setTimeout(() => socket.destroy(), this.#limits.lingerMs)
    await closed
    clearTimeout(linger)
  }

  /** Cuts the connection at once, last words included; the owner hears nothing more. */
  destroy(): void {
    this.#end()
    this.#socket.resetAndDestroy()
  }

  #begin(): void {
    clearTimeout(this.#timer)
    this.#isUp = true
    this.#heardAtMs = performance.now()
    this.#timer = setInterval(() => this.#check(), this.#limits.pingMs)
  }

  #read(data: Buffer): void {
    if (this.#isDown) return
    this.#heardAtMs = performance.now()
    try {
      this.#reader.push(data)
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'E_PROTOCOL') throw error
      this.#fail('protocol')
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#isDown) return
    this.#socket.write(bytes)
    if (this.#socket.writableLength > this.#limits.maxBacklogBytes) setImmediate(() => this.#fail('lost'))
  }

  #check(): void {
    const nowMs = performance.now()
    const { idleTimeoutMs } = this.#limits
    const isStuck = !this.#sender.isIdle && nowMs - this.#sender.movedAtMs > idleTimeoutMs
    if (isStuck || nowMs - this.#heardAtMs > idleTimeoutMs) this.#fail('lost')
    else this.#ping()
  }

  #ping(): void {
    this.#pingToken = (this.#pingToken + 1) >>> 0
    this.#pingSentMs = performance.now()
    this.#write(pingFrame(PING_TYPE, this.#pingToken))
  }

  #hearPong(token: number): void {
    if (token !== this.#pingToken || Number.isNaN(this.#pingSentMs)) return
    const sampleMs = performance.now() - this.#pingSentMs
    this.#pingSentMs = NaN
    this.rttMs = Number.isNaN(this.rttMs) ? sampleMs : this.rttMs + RTT_WEIGHT * (sampleMs - this.rttMs)
  }

  #reasonOf(error: NodeJS.ErrnoException): LinkDownReason {
    if (this.#isUp) return 'lost'
    return error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET' ? 'refused' : 'unreachable'
  }

  #fail(reason: LinkDownReason): void {
    if (this.#isDown) return
    const given = this.#end()
    this.#socket.destroy()
    for (const requestId of given) this.owner.chunkSent(this, requestId, false)
    this.owner.down(this, reason)
  }

  /** Stops all events; returns the chunks that were being sent. */
  #end(): number[] {
    this.#isDown = true
    clearTimeout(this.#timer)
    this.#reader.stop()
    return this.#sender.clear()
  }
}
