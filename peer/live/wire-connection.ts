import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Address } from '../protocol/ids.ts'
import type { LinkDownReason } from '../ports/network.ts'
import { GuardedWire } from './guarded-wire.ts'
import type { Rates } from './token-bucket.ts'
import type { WireLimits } from './wire-limits.ts'

/** A BitTorrent wire over any two-way byte stream: a TCP socket, a WebRTC data channel. */
export class WireConnection {
  readonly wire: GuardedWire
  /** Where the stream leads to: `host:port`, or what its transport calls the other side. */
  readonly remote: Address
  /** Time that the stream took to set up; NaN where the other side opened it, or it is not open yet. */
  connectMs = NaN
  /** Whether this side has dialled. */
  isDialled = false
  /** Bytes handed to the stream, and those that have left it. */
  handedBytes = 0
  leftBytes = 0
  readonly #stream: Duplex
  readonly #limits: WireLimits
  readonly #rates: Rates
  readonly #idleTimer: NodeJS.Timeout
  #uploadTimer: NodeJS.Timeout | undefined
  #resumeTimer: NodeJS.Timeout | undefined
  #heardAtMs = performance.now()
  #isCorked = false
  #isOpen = true
  #isDown = false
  /** A stream that was dialled is open. */
  onOpen: () => void = () => {}
  /** The stream has ended by itself, or was ended because of what came on it. */
  onDown: (reason: LinkDownReason) => void = () => {}
  /** Bytes have left, or may be sent again. */
  onLeft: () => void = () => {}

  /** Takes over a stream that is open. */
  constructor(stream: Duplex, remote: Address, limits: WireLimits, rates: Rates) {
    this.#stream = stream
    this.remote = remote
    this.#limits = limits
    this.#rates = rates
    this.wire = new GuardedWire(
      limits.maxMessageBytes,
      (bytes) => this.#send(bytes),
      () => this.fail('protocol'),
    )
    this.wire.on('finish', () => this.fail('protocol'))
    this.wire.setKeepAlive(true)
    stream.on('data', (data: Uint8Array) => this.#read(data))
    stream.on('end', () => this.fail('closed'))
    stream.on('error', (error: NodeJS.ErrnoException) => this.fail(this.#reasonOf(error)))
    stream.on('close', () => this.fail('lost'))
    this.#idleTimer = setInterval(() => this.#check(), limits.idleTimeoutMs / 4)
  }

  /** Takes a socket that is about to connect; `onOpen` or `onDown` follows. */
  static dial(socket: Socket, remote: Address, limits: WireLimits, rates: Rates): WireConnection {
    const startedMs = performance.now()
    const connection = new WireConnection(socket, remote, limits, rates)
    connection.isDialled = true
    connection.#isOpen = false
    const timer = setTimeout(() => connection.fail('unreachable'), limits.connectTimeoutMs)
    socket.once('close', () => clearTimeout(timer))
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.setNoDelay(true)
      connection.connectMs = performance.now() - startedMs
      connection.#isOpen = true
      if (!connection.isDown) connection.onOpen()
    })
    return connection
  }

  get isDown(): boolean {
    return this.#isDown
  }

  /** How many bytes of payload may be handed to the stream now. */
  room(): number {
    const free = this.#limits.sendBufferBytes - (this.handedBytes - this.leftBytes)
    const allowed = this.#rates.up.available
    if (allowed <= 0)
      this.#uploadTimer ??= setTimeout(() => {
        this.#uploadTimer = undefined
        this.onLeft()
      }, this.#rates.up.waitMs)
    return Math.min(free, allowed)
  }

  /** Ends the stream because of the other side; `onDown` is called, at once. */
  fail(reason: LinkDownReason): void {
    if (this.#isDown) return
    this.#end()
    // Clients that try encryption first take an orderly end as a call for plain words, and a reset for an outage.
    if (reason === 'closed' || (reason === 'protocol' && this.#isOpen)) void this.#finish()
    else this.#stream.destroy()
    this.onDown(reason)
  }

  /** Ends the stream; what was said before still leaves. Nothing is heard any more. Resolves when it is gone. */
  async close(): Promise<void> {
    if (this.#isDown) return
    this.#end()
    await this.#finish()
  }

  /** Cuts the stream at once, last words included; nothing is heard any more. */
  destroy(): void {
    if (this.#isDown) return
    this.#end()
    this.#stream.destroy()
  }

  #reasonOf({ code }: NodeJS.ErrnoException): LinkDownReason {
    if (this.#isOpen) return 'lost'
    return code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'refused' : 'unreachable'
  }

  #read(data: Uint8Array): void {
    if (this.#isDown) return
    this.#heardAtMs = performance.now()
    const { down } = this.#rates
    down.take(data.length)
    this.wire.write(data)
    if (down.available > 0) return
    this.#stream.pause()
    this.#resumeTimer ??= setTimeout(() => {
      this.#resumeTimer = undefined
      this.#stream.resume()
    }, down.waitMs)
  }

  #send(bytes: Uint8Array): void {
    if (this.#isDown) return
    this.#cork()
    this.handedBytes += bytes.length
    this.#rates.up.take(bytes.length)
    this.#stream.write(bytes, (error) => {
      if (error || this.#isDown) return
      this.leftBytes += bytes.length
      this.onLeft()
    })
    if (this.handedBytes - this.leftBytes > this.#limits.maxBacklogBytes)
      setImmediate(() => this.fail('lost'))
  }

  /** What is said in one turn leaves as one write. */
  #cork(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.#stream.cork()
    process.nextTick(() => {
      this.#isCorked = false
      this.#stream.uncork()
    })
  }

  async #finish(): Promise<void> {
    const stream = this.#stream
    const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()))
    stream.resume()
    if (this.#isOpen) stream.end()
    else stream.destroy()
    const linger = setTimeout(() => stream.destroy(), this.#limits.lingerMs)
    await closed
    clearTimeout(linger)
  }

  #check(): void {
    if (performance.now() - this.#heardAtMs > this.#limits.idleTimeoutMs) this.fail('lost')
  }

  #end(): void {
    this.#isDown = true
    clearInterval(this.#idleTimer)
    clearTimeout(this.#uploadTimer)
    clearTimeout(this.#resumeTimer)
    this.wire.destroy()
  }
}
