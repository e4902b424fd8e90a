import type { Writable } from 'node:stream'

const NOTHING = new Uint8Array(0)

/**
 * Hands played media to a player that reads at its own pace. A live stream does not wait: what the player leaves unread
 * waits within a bound, past which the oldest is dropped.
 */
export class MediaSink {
  readonly #output: Writable
  readonly #limitBytes: number
  readonly #closed: () => void
  readonly #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #isBlocked = false
  #isClosed = false
  /** Bytes handed over, and bytes dropped because the player did not read them. */
  writtenBytes = 0
  droppedBytes = 0

  /** `closed` is called once when nobody reads any more. */
  constructor(output: Writable, limitBytes: number, closed: () => void) {
    this.#output = output
    this.#limitBytes = limitBytes
    this.#closed = closed
    output.on('drain', this.#drained)
    output.on('error', this.#broken)
    output.once('close', this.#broken)
  }

  /** Bytes that the player has not taken yet, those on their way to it not counted. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  write(media: Uint8Array): void {
    if (this.#isClosed || media.length === 0) return
    this.#waiting.push(media)
    this.#waitingBytes += media.length
    this.#pump()
    while (this.#waitingBytes > this.#limitBytes) {
      const oldest = this.#waiting.shift()!
      this.#waitingBytes -= oldest.length
      this.droppedBytes += oldest.length
    }
  }

  /** Resolves when all that waits has left, or nobody reads any more. The output stays open. */
  async end(): Promise<void> {
    while (this.#isBlocked && !this.#isClosed) await this.#drain()
    if (!this.#isClosed) await new Promise<unknown>((resolve) => this.#output.write(NOTHING, resolve))
    this.abandon()
  }

  /** Writes nothing more and lets go of the output. */
  abandon(): void {
    this.#isClosed = true
    this.#waiting.length = 0
    this.#waitingBytes = 0
    this.#output.off('drain', this.#drained)
  }

  /** Resolves when the output takes more, or when the output breaks. */
  #drain(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#output.off('drain', done).off('close', done).off('error', done)
        resolve()
      }
      this.#output.on('drain', done).on('close', done).on('error', done)
    })
  }

  readonly #drained = (): void => {
    this.#isBlocked = false
    this.#pump()
  }

  readonly #broken = (): void => {
    if (this.#isClosed) return
    this.abandon()
    this.#closed()
  }

  #pump(): void {
    while (!this.#isBlocked && this.#waiting.length > 0) {
      const media = this.#waiting.shift()!
      this.#waitingBytes -= media.length
      this.writtenBytes += media.length
      this.#isBlocked = !this.#output.write(media)
    }
  }
}
