import type { Address } from '../../peer/protocol/ids.ts'
import type { ChunkHeader, Message } from '../../peer/protocol/messages.ts'
import type { Link, LinkHandler, Network } from '../../peer/ports/network.ts'

/** What peers and tracker tell each other, chunks aside. */
export type ControlMessage = Exclude<Message, ChunkHeader>

/** One HTTP request, seen as a link. */
class RequestLink implements Link {
  readonly remote: Address
  readonly rttMs = NaN
  context: unknown = undefined
  readonly answers: ControlMessage[] = []
  isRefused = false

  constructor(remote: Address) {
    this.remote = remote
  }
}

/**
 * The Network port of a tracker behind HTTP. A request is a link that lives for one call: what the tracker sends on
 * it goes into the response. A tracker opens no links and moves no chunks.
 */
export class HttpNetwork implements Network {
  #handler: LinkHandler | undefined

  attach(handler: LinkHandler): void {
    this.#handler = handler
  }

  /** Lets the tracker hear a request's messages; returns its answers, or undefined where it refused one. */
  exchange(remote: Address, messages: readonly ControlMessage[]): ControlMessage[] | undefined {
    const link = new RequestLink(remote)
    this.#handler?.linkUp(link, true)
    for (const message of messages) if (!link.isRefused) this.#handler?.message(link, message)
    if (!link.isRefused) this.#handler?.linkDown(link, 'closed')
    return link.isRefused ? undefined : link.answers
  }

  connect(remote: Address): never {
    throw new TypeError(`invalid connect to ${remote}: a tracker behind HTTP opens no links`)
  }

  close(link: Link): void {
    if (link instanceof RequestLink) link.isRefused = true
  }

  send(link: Link, message: ControlMessage): void {
    if (link instanceof RequestLink && !link.isRefused) link.answers.push(message)
  }

  sendChunk(): never {
    throw new TypeError('invalid chunk: a tracker sends none')
  }

  abortChunk(): void {}
}
