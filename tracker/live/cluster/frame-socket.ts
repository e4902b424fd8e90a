import type { Duplex } from 'node:stream'

/** Bytes of the body (4), kind (1), number of the request (4). */
const HEAD_BYTES = 9
/** The answer to a scrape of everything, or all figures of a process, is a fraction of it. */
const MOST_BODY_BYTES = 16 * 1024 * 1024
/** Who lets so much wait is not reading: the connection is given up. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024
const FIRST_BATCH_BYTES = 16 * 1024

export type Hear = (kind: number, id: number, body: Buffer) => void

/**
 * Frames over a byte stream between two processes of a cluster. What is sent while requests are read goes out together, as
 * one write: a frame costs a copy of its bytes.
 */
export class FrameSocket {
  readonly #stream: Duplex
  readonly #hear: Hear
  #batch = Buffer.allocUnsafe(FIRST_BATCH_BYTES)
  #used = 0
  #rest: Buffer = Buffer.alloc(0)

  /** `hear` gets views of what was read. `ended` is told once, whatever the reason. */
  constructor(stream: Duplex, hear: Hear, ended: () => void) {
    this.#stream = stream
    this.#hear = hear
    stream.on('data', (data: Buffer) => this.#read(data))
    stream.on('error', () => undefined)
    stream.once('close', ended)
  }

  /** Sends a frame; of a text, each character is a byte unless told otherwise. */
  send(kind: number, id: number, body: string | Buffer = '', encoding: BufferEncoding = 'latin1'): void {
    if (this.#stream.destroyed) return
    const bytes = typeof body === 'string' ? Buffer.byteLength(body, encoding) : body.length
    const at = this.#take(HEAD_BYTES + bytes)
    const batch = this.#batch
    batch.writeUInt32BE(bytes, at)
    batch[at + 4] = kind
    batch.writeUInt32BE(id, at + 5)
    if (typeof body === 'string') batch.write(body, at + HEAD_BYTES, encoding)
    else body.copy(batch, at + HEAD_BYTES)
  }

  destroy(): void {
    this.#stream.destroy()
  }

  /** Sends what waits, then closes. */
  end(): void {
    this.#flush()
    this.#stream.end()
  }

  #take(bytes: number): number {
    if (this.#used === 0) setImmediate(() => this.#flush())
    const at = this.#used
    this.#used += bytes
    if (this.#used > this.#batch.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#used, 2 * this.#batch.length))
      this.#batch.copy(larger, 0, 0, at)
      this.#batch = larger
    }
    return at
  }

  #flush(): void {
    if (this.#used === 0 || this.#stream.destroyed) return
    const batch = this.#batch.subarray(0, this.#used)
    this.#used = 0
    this.#batch = Buffer.allocUnsafe(FIRST_BATCH_BYTES)
    this.#stream.write(batch)
    if (this.#stream.writableLength > MOST_WAITING_BYTES) this.#stream.destroy()
  }

  #read(data: Buffer): void {
    const bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data])
    let at = 0
    while (bytes.length - at >= HEAD_BYTES) {
      const length = bytes.readUInt32BE(at)
      if (length > MOST_BODY_BYTES) return this.destroy()
      const end = at + HEAD_BYTES + length
      if (end > bytes.length) break
      this.#hear(bytes[at + 4], bytes.readUInt32BE(at + 5), bytes.subarray(at + HEAD_BYTES, end))
      at = end
    }
    this.#rest = bytes.subarray(at)
  }
}
