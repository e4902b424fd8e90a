import { encode } from '../protocol/codec.ts'
import { decodeAll, MAX_MESSAGES_PER_BODY, takeBody } from '../protocol/frames.ts'
import type { Address } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { Link, LinkDownReason } from '../ports/network.ts'
import { readBounded } from './http-body.ts'
import { TrackerLink, TrackerNetwork } from './tracker-network.ts'

/** How long a tracker may take to hear that a node leaves. */
export const GOODBYE_MS = 3_000
const REQUEST_TIMEOUT_MS = 15_000
const MAX_ANSWER_BYTES = MAX_MESSAGES_PER_BODY * LIMITS.controlFrameBytes
/** Messages that wait for the request before them; a tracker that is so far behind is lost. */
const MAX_WAITING = 4 * MAX_MESSAGES_PER_BODY

type ControlMessage = Exclude<Message, ChunkHeader>

/** What is sent is posted, what the answer holds is heard. */
class HttpTrackerLink extends TrackerLink {
  isPosting = false
  /** Frames not posted yet. */
  readonly waiting: Uint8Array[] = []
}

/**
 * Links to trackers over HTTP: messages are posted as frames to `URL/v1/messages`, in order, those that wait together;
 * the answering frames come back as messages.
 */
export class HttpTrackerNetwork extends TrackerNetwork {
  owns(link: Link): boolean {
    return link instanceof HttpTrackerLink
  }

  send(link: Link, message: ControlMessage): void {
    if (!(link instanceof HttpTrackerLink) || link.isDown) return
    link.waiting.push(encode(message))
    if (link.waiting.length > MAX_WAITING) return void setImmediate(() => this.#fail(link, 'lost'))
    if (link.isPosting) return
    link.isPosting = true
    this.run(this.#postAll(link))
  }

  protected override newLink(remote: Address): HttpTrackerLink {
    return new HttpTrackerLink(remote)
  }

  async #postAll(link: HttpTrackerLink): Promise<void> {
    // Messages of one turn go together, and the handler is never called from inside `send`.
    await Promise.resolve()
    while (link.waiting.length > 0) {
      const outcome = await this.#post(link, takeBody(link.waiting))
      if (typeof outcome === 'string') {
        link.waiting.length = 0
        this.failed()
        this.#fail(link, outcome)
      } else {
        this.answered()
        for (const message of outcome) if (!link.isDown) this.handler?.message(link, message)
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
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
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
    this.handler?.linkDown(link, reason)
  }
}

function reasonOf(error: unknown): LinkDownReason {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  if (code === 'E_PROTOCOL' || error instanceof RangeError) return 'protocol'
  if (cause?.code === 'ECONNREFUSED') return 'refused'
  return cause?.code === 'ENOTFOUND' || cause?.code === 'EHOSTUNREACH' ? 'unreachable' : 'lost'
}
