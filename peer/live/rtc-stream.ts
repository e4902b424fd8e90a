import { Duplex } from 'node:stream'
import type { DataChannel } from 'node-datachannel'
import { RtcError } from './errors.ts'
import type { RtcLimits } from './rtc-options.ts'

type Written = (error?: Error | null) => void

/**
 * An open data channel as a stream of bytes. Writes wait while the channel's buffer is full. A channel can't be told to
 * pause, so a stream that nobody reads fails once `unreadBytes` wait in it.
 */
export class RtcStream extends Duplex {
  /** The peer's address as the transport sees it, `host:port`. */
  readonly remote: string
  readonly #channel: DataChannel
  readonly #limits: RtcLimits
  readonly #messageBytes: number
  readonly #release: (mayLinger: boolean) => void
  #toSend: Uint8Array[] = []
  #written: Written | undefined
  #isClosed = false
  #isClosedByOther = false
  /** Ends the wait for the last bytes to leave. */
  #endLastWord: () => void = () => {}

  /** `release` is called once, when the stream is done with the channel; `mayLinger` says that last bytes may be under way. */
  constructor(
    channel: DataChannel,
    remote: string,
    limits: RtcLimits,
    release: (mayLinger: boolean) => void,
  ) {
    super({ allowHalfOpen: false })
    this.remote = remote
    this.#channel = channel
    this.#limits = limits
    this.#messageBytes = Math.min(limits.messageBytes, channel.maxMessageSize())
    this.#release = release
    channel.setBufferedAmountLowThreshold(limits.resumeBytes)
    channel.onBufferedAmountLow(() => this.#pump())
    // Before `onClosed`: callbacks that wait together run in the order in which they were set.
    channel.onMessage((message) => this.#hear(message))
    channel.onError((reason) => this.destroy(new RtcError('E_RTC_CHANNEL', `data channel failed: ${reason}`)))
    channel.onClosed(() => this.#closed())
  }

  /** Ends the stream because its connection has: with an error, or as if the other side had closed the channel. */
  lose(error?: Error): void {
    if (this.writableFinished) this.destroy()
    // What came before the other side closed may still be read.
    else if (error && !this.#isClosed) this.destroy(error)
    else this.#closed()
  }

  override _read(): void {}

  override _write(data: Uint8Array, _encoding: BufferEncoding, written: Written): void {
    this.#send([data], written)
  }

  override _writev(chunks: { chunk: Uint8Array }[], written: Written): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      written,
    )
  }

  /** Closes the channel when all that was written has left. */
  override _final(done: Written): void {
    const channel = this.#channel
    if (!channel.isOpen() || channel.bufferedAmount() === 0) {
      channel.close()
      return done()
    }
    const timer = setTimeout(() => this.#endLastWord(), this.#limits.lingerMs)
    this.#endLastWord = () => {
      this.#endLastWord = () => {}
      clearTimeout(timer)
      channel.close()
      done()
    }
    channel.setBufferedAmountLowThreshold(0)
    channel.onBufferedAmountLow(() => this.#endLastWord())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#endLastWord()
    this.#toSend = []
    this.#channel.close()
    this.#settle()
    this.#release(!error && !this.#isClosedByOther)
    done(error)
  }

  #hear(message: string | Buffer | ArrayBuffer): void {
    if (this.destroyed || this.#isClosed) return
    if (typeof message === 'string')
      return void this.destroy(new RtcError('E_RTC_TEXT', 'invalid message: text (bytes expected)'))
    this.push(Buffer.isBuffer(message) ? message : Buffer.from(message))
    if (this.readableLength > this.#limits.unreadBytes)
      this.destroy(
        new RtcError('E_RTC_UNREAD', `data channel cut: more than ${this.#limits.unreadBytes} bytes unread`),
      )
  }

  #closed(): void {
    if (this.#isClosed || this.destroyed) return
    this.#isClosed = true
    this.#isClosedByOther = !this.writableFinished
    this.#endLastWord()
    this.push(null)
    this.#pump()
  }

  #send(data: Uint8Array[], written: Written): void {
    this.#toSend = data
    this.#written = written
    this.#pump()
  }

  #pump(): void {
    if (!this.#written) return
    try {
      while (this.#toSend.length > 0) {
        if (this.#channel.bufferedAmount() > this.#limits.sendBufferBytes) return
        this.#channel.sendMessageBinary(this.#nextMessage())
      }
    } catch {
      // The other side has closed the channel or is gone, and hears no more; `onClosed` follows what it said before.
      this.#toSend = []
    }
    this.#settle()
  }

  /** The next bytes that wait: as many small pieces as fit, or a part of a large one. */
  #nextMessage(): Uint8Array {
    const limit = this.#messageBytes
    const [first] = this.#toSend
    if (first.length > limit) {
      this.#toSend[0] = first.subarray(limit)
      return first.subarray(0, limit)
    }
    let bytes = 0
    let pieces = 0
    while (pieces < this.#toSend.length && bytes + this.#toSend[pieces].length <= limit)
      bytes += this.#toSend[pieces++].length
    const taken = this.#toSend.splice(0, pieces)
    return pieces === 1 ? first : Buffer.concat(taken, bytes)
  }

  #settle(): void {
    const written = this.#written
    this.#written = undefined
    written?.()
  }
}
