import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A connection id is good for this long and up to twice as long; BEP 15 wants two minutes. */
const WINDOW_MS = 60_000
const ID_BYTES = 8

/**
 * Connection ids of the UDP protocol (BEP 15), made from the client's address and a secret: a client that does not receive
 * at the address that it sends from can't know one, and none has to be stored.
 */
export class ConnectionIds {
  readonly #secret: string
  readonly #nowMs: () => number

  constructor(nowMs: () => number, secret: Buffer = randomBytes(32)) {
    this.#nowMs = nowMs
    this.#secret = secret.toString('hex')
  }

  issue(host: string): Buffer {
    return this.#idOf(host, this.#window())
  }

  /** Whether an id was issued to this host in the present window or one of the two before. */
  isValid(host: string, id: Buffer): boolean {
    const window = this.#window()
    for (let age = 0; age <= 2; age++) if (timingSafeEqual(this.#idOf(host, window - age), id)) return true
    return false
  }

  #window(): number {
    return Math.floor(this.#nowMs() / WINDOW_MS)
  }

  /** A quarter of a digest can't be continued, so that the secret may simply stand first: an HMAC would cost ten times as much. */
  #idOf(host: string, window: number): Buffer {
    return hash('sha256', `${this.#secret} ${window} ${host}`, 'buffer').subarray(0, ID_BYTES)
  }
}
