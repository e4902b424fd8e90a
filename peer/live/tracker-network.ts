import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { Link, LinkHandler, Network } from '../ports/network.ts'

/** The two ends of requests to a tracker, seen as a link. */
export class TrackerLink implements Link {
  readonly remote: Address
  rttMs = NaN
  context: unknown = undefined
  isDown = false

  constructor(remote: Address) {
    this.remote = remote
  }
}

/**
 * What links to trackers have in common, whatever is spoken on them: a link is up at once, and the first request tells
 * whether the tracker is there.
 */
export abstract class TrackerNetwork implements Network {
  protected handler: LinkHandler | undefined
  readonly #running = new Set<Promise<void>>()
  readonly #abort = new AbortController()
  #tellTried = (): void => {}
  /** Resolves when a request has been answered, or as many have failed as there are trackers. */
  readonly tried = new Promise<void>((resolve) => {
    this.#tellTried = resolve
  })
  #failuresToTell: number

  constructor(trackers = 1) {
    this.#failuresToTell = trackers
  }

  attach(handler: LinkHandler): void {
    this.handler = handler
  }

  connect(remote: Address): Link {
    const link = this.newLink(remote)
    setImmediate(() => {
      if (!link.isDown) this.handler?.linkUp(link, false)
    })
    return link
  }

  /** What was sent before still goes out; answers are not heard. */
  close(link: Link): void {
    if (link instanceof TrackerLink) link.isDown = true
  }

  abstract send(link: Link, message: Exclude<Message, ChunkHeader>): void

  sendChunk(): never {
    throw new TypeError('invalid chunk: a tracker link carries messages only')
  }

  abortChunk(): void {}

  /** Waits until everything sent has been answered or has failed, for `limitMs` at most; nothing is sent afterwards. */
  async finish(limitMs: number): Promise<void> {
    const timer = setTimeout(() => this.#abort.abort(), limitMs)
    await Promise.all(this.#running)
    clearTimeout(timer)
    this.destroy()
  }

  /** Ends all requests at once; the handler hears nothing more. */
  destroy(): void {
    this.handler = undefined
    this.#abort.abort()
    this.#tellTried()
  }

  protected abstract newLink(remote: Address): TrackerLink

  /** Ends requests under way when nobody waits for them any more. */
  protected get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Keeps an operation that `finish` is to wait for. */
  protected run(operation: Promise<void>): void {
    this.#running.add(operation)
    void operation.finally(() => this.#running.delete(operation))
  }

  /** A tracker has answered. */
  protected answered(): void {
    this.#tellTried()
  }

  /** A request has failed. */
  protected failed(): void {
    if (--this.#failuresToTell === 0) this.#tellTried()
  }
}
