import Wire from 'bittorrent-protocol'
import { MessageLengths } from './message-lengths.ts'

/** Tells what Seedbed's own handlers throw from what the wire's parser trips over. */
class HandlerFault extends Error {}

/** A BitTorrent wire that ends, instead of buffering or throwing, when the other side does not keep to the protocol. */
export class GuardedWire extends Wire {
  readonly #lengths: MessageLengths
  readonly #send: (bytes: Uint8Array) => void
  readonly #broken: () => void
  #isBroken = false

  /**
   * `send` takes what the wire says, in order. `broken` is called once, when the other side has sent what no wire may
   * send.
   */
  constructor(maxMessageBytes: number, send: (bytes: Uint8Array) => void, broken: () => void) {
    super()
    this.#send = send
    this.#lengths = new MessageLengths(maxMessageBytes)
    this.#broken = broken
  }

  /** Like `on`, for handlers whose own errors are no fault of the other side. */
  handle<Args extends unknown[]>(event: string, handler: (...args: Args) => void): void {
    this.on(event, this.guard(handler) as (...args: unknown[]) => void)
  }

  /** A callback that the parser may call. */
  guard<Args extends unknown[]>(callback: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        callback(...args)
      } catch (cause) {
        throw new HandlerFault('handler failed', { cause })
      }
    }
  }

  /** What is said leaves at once: a wire that ends would discard what waits in its own queue. */
  override push(bytes: Uint8Array | null): boolean {
    if (bytes) this.#send(bytes)
    return true
  }

  override _write(data: Uint8Array, ...rest: never[]): void {
    const done = rest.at(-1) as unknown as (error: null) => void
    if (!this.#isBroken) {
      try {
        if (this.#lengths.accepts(data)) return super._write(data, ...(rest as unknown as [never, never]))
        this.#break()
      } catch (error) {
        if (error instanceof HandlerFault) throw error.cause
        this.#break()
      }
    }
    done(null)
  }

  #break(): void {
    this.#isBroken = true
    this.#broken()
  }
}
