import type { Readable } from 'node:stream'

/** Bytes of an encoder or a file, read ahead within a bound: past it, who writes them has to wait. */
export class MediaFeed {
  readonly #input: Readable
  readonly #limitBytes: number
  #parts: Buffer[] = []
  #bytes = 0
  #isOver = false
  #error: Error | undefined

  constructor(input: Readable, limitBytes: number) {
    this.#input = input
    this.#limitBytes = limitBytes
    input.on('data', (data: Buffer) => this.#push(data))
    input.once('end', () => (this.#isOver = true))
    input.once('error', (error) => {
      this.#error = error
      this.#isOver = true
    })
  }

  /** Bytes that can be taken now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether whoever writes has to wait. */
  get isFull(): boolean {
    return this.#bytes >= this.#limitBytes
  }

  /** Whether nothing comes any more, and all has been taken. */
  get isEnded(): boolean {
    return this.#isOver && this.#bytes === 0
  }

  /** Whether what is here is all that is left. */
  get isLast(): boolean {
    return this.#isOver
  }

  /** Why reading ended early, if it did. */
  get error(): Error | undefined {
    return this.#error
  }

  /** Takes at most so many bytes off the front; none where there are none now. */
  take(most: number): Uint8Array {
    const all = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts)
    const taken = all.subarray(0, most)
    const rest = all.subarray(taken.length)
    this.#parts = rest.length > 0 ? [rest] : []
    this.#bytes = rest.length
    if (!this.isFull && this.#input.isPaused()) this.#input.resume()
    return taken
  }

  /** Reads no further. */
  close(): void {
    this.#input.destroy()
  }

  #push(data: Buffer): void {
    this.#parts.push(data)
    this.#bytes += data.length
    if (this.isFull) this.#input.pause()
  }
}
