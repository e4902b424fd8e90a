/** Bytes before the first length-prefixed message: the handshake of BEP 3. */
const HANDSHAKE_BYTES = 68
const PREFIX_BYTES = 4

/** Watches a BitTorrent byte stream for messages that are longer than allowed, before anything buffers them. */
export class MessageLengths {
  readonly #maxBytes: number
  /** Bytes to pass over before the next length prefix. */
  #skip = HANDSHAKE_BYTES
  #prefix = 0
  #prefixBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes the next bytes; returns false as soon as a message announces more than is allowed. */
  accepts(data: Uint8Array): boolean {
    let at = 0
    while (at < data.length) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, data.length - at)
        this.#skip -= passed
        at += passed
        continue
      }
      this.#prefix = this.#prefix * 256 + data[at++]
      if (++this.#prefixBytes < PREFIX_BYTES) continue
      if (this.#prefix > this.#maxBytes) return false
      this.#skip = this.#prefix
      this.#prefix = this.#prefixBytes = 0
    }
    return true
  }
}
