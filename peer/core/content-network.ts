import type { Address, ContentId } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Link, LinkHandler, Network } from '../ports/network.ts'
import type { ContentRouter } from './content-router.ts'
import { VirtualLink } from './shared-link.ts'

/** The Network port of one content's member on a node that has several. */
export class ContentNetwork implements Network {
  readonly contentId: ContentId
  readonly #router: ContentRouter
  #handler: LinkHandler | undefined
  #newsCanWait = false

  constructor(router: ContentRouter, contentId: ContentId) {
    this.#router = router
    this.contentId = contentId
  }

  get handler(): LinkHandler {
    if (!this.#handler) throw new TypeError(`invalid use of ${this.contentId}: attach a handler first`)
    return this.#handler
  }

  get newsCanWait(): boolean {
    return this.#newsCanWait
  }

  set newsCanWait(value: boolean) {
    if (value === this.#newsCanWait) return
    this.#newsCanWait = value
    this.#router.patienceChanged()
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
  }

  connect(remote: Address): Link {
    return this.#router.connect(remote, this)
  }

  close(link: Link): void {
    if (link instanceof VirtualLink) link.close()
    else this.#router.closeLink(link)
  }

  send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    if (link instanceof VirtualLink) return link.send(message)
    if (message.type === 'request') this.#router.used(link)
    this.#router.network.send(link, message)
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#router.used(link)
    this.#router.network.sendChunk(link, header, body)
  }

  abortChunk(link: Link, requestId: number): void {
    this.#router.network.abortChunk(link, requestId)
  }

  /** A link that the node has no room for: it goes down as soon as this call is over. */
  refused(remote: Address, clock: Clock): Link {
    const link = new VirtualLink(remote, this)
    clock.setTimer(0, () => link.goDown('refused'))
    return link
  }
}
