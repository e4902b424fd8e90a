import { encode } from '../protocol/codec.ts'
import { decodeAll, MAX_MESSAGES_PER_BODY, takeBody } from '../protocol/frames.ts'
import type { Address } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from '../ports/network.ts'
import { readBounded } from './http-body.ts'

/** How long a tracker may take to hear that a node leaves. */
export const GOODBYE_MS = 3_000
const REQUEST_TIMEOUT_MS = 15_000
const MAX_ANSWER_BYTES = MAX_MESSAGES_PER_BODY * LIMITS.controlFrameBytes
/** Messages that wait for the request before them; a tracker that is so far behind is lost. */
const MAX_WAITING = 4 * MAX_MESSAGES_PER_BODY

type ControlMessage = Exclude<Message, ChunkHeader>

/** The two ends of a request, seen as a link: what is sent is posted, what the answer holds is heard. */
class HttpTrackerLink implements Link {
  readonly remote: Address
  rttMs = NaN
  context: unknown = undefined
  isDown = false
  isPosting = false
  /** Frames not posted yet. */
  readonly waiting: Uint8Array[] = []

  constructor(remote: Address) {
    this.remote = remote
  }
}

/**
 * Links to trackers over HTTP: messages are posted as frames to `URL/v1/messages`, in order, those that wait together;
 * the answering frames come back as messages. A link is up at once; the first request tells whether the tracker is there.
 */
export class HttpTrackerNetwork implements Network {
  #handler: LinkHandler | undefined
  readonly #posting = new Set<Promise<void>>()
  #tellTried = (): void => {}
  /** Resolves when a request has been answered, or as many have failed as there are trackers. */
  readonly tried = new Promise<void>((resolve) => {
    this.#tellTried = resolve
  })
  readonly #abort = new AbortController()
  #failuresToTell: number

  constructor(trackers = 1) {
    this.#failuresToTell = trackers
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
  }

  owns(link: Link): boolean {
    return link instanceof HttpTrackerLink
  }

  connect(remote: Address): Link {
    const link = new HttpTrackerLink(remote)
    setImmediate(() => {
      if (!link.isDown) this.#handler?.linkUp(link, false)
    })
    return link
  }

  /** What was sent before is still posted; answers are not heard. */
  close(link: Link): void {
    if (link instanceof HttpTrackerLink) link.isDown = true
  }

  send(link: Link, message: ControlMessage): void {
    if (!(link instanceof HttpTrackerLink) || link.isDown) return
    link.waiting.push(encode(message))
    if (link.waiting.length > MAX_WAITING) return void setImmediate(() => this.#fail(link, 'lost'))
    if (link.isPosting) return
    link.isPosting = true
    const posting = this.#postAll(link)
    this.#posting.add(posting)
    void posting.finally(() => this.#posting.delete(posting))
  }

  sendChunk(): never {
    throw new TypeError('invalid chunk: a tracker link carries messages only')
  }

  abortChunk(): void {}

  /** Waits until everything sent has been posted or has failed, for `limitMs` at most; nothing is sent afterwards. */
  async finish(limitMs: number): Promise<void> {
    const timer = setTimeout(() => this.#abort.abort(), limitMs)
    await Promise.all(this.#posting)
    clearTimeout(timer)
    this.destroy()
  }

  /** Ends all requests at once; the handler hears nothing more. */
  destroy(): void {
    this.#handler = undefined
    this.#abort.abort()
    this.#tellTried()
  }

  async #postAll(link: HttpTrackerLink): Promise<void> {
    // Messages of one turn go together, and the handler is never called from inside `send`.
    await Promise.resolve()
    while (link.waiting.length > 0) {
      const outcome = await this.#post(link, takeBody(link.waiting))
      if (typeof outcome === 'string') {
        link.waiting.length = 0
        if (--this.#failuresToTell === 0) this.#tellTried()
        this.#fail(link, outcome)
      } else {
        this.#tellTried()
        for (const message of outcome) if (!link.isDown) this.#handler?.message(link, message)
      }
    }
    link.isPosting = false
  }

  async #post(link: HttpTrackerLink, body: Uint8Array): Promise<ControlMessage[] | LinkDownReason> {
    const startedMs = performance.now()
    try {
      const response = await fetch(`${link.remote.replace(/\/+$/, '')}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: body as Uint8Array<ArrayBuffer>,
        redirect: 'error',
        signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      })
      link.rttMs = performance.now() - startedMs
      const bytes = await readBounded(response, MAX_ANSWER_BYTES)
      if (!response.ok) return 'refused'
      const messages = decodeAll(bytes)
      return messages.every((message) => message.type !== 'chunk') ? messages : 'protocol'
    } catch (error) {
      return reasonOf(error)
    }
  }

  #fail(link: HttpTrackerLink, reason: LinkDownReason): void {
    if (link.isDown) return
    link.isDown = true
    this.#handler?.linkDown(link, reason)
  }
}

function reasonOf(error: unknown): LinkDownReason {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  if (code === 'E_PROTOCOL' || error instanceof RangeError) return 'protocol'
  if (cause?.code === 'ECONNREFUSED') return 'refused'
  return cause?.code === 'ENOTFOUND' || cause?.code === 'EHOSTUNREACH' ? 'unreachable' : 'lost'
}
