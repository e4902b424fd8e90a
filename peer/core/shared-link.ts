import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { Clock } from '../ports/clock.ts'
import type { Link, LinkDownReason, Network } from '../ports/network.ts'
import type { ContentNetwork } from './content-network.ts'

type ControlMessage = Exclude<Message, ChunkHeader>

/** What waits for a link to come up; more than that is dropped. */
const MOST_WAITING = 10_000

/** One content's end of a link that others of the node use too. */
export class VirtualLink implements Link {
  readonly remote: Address
  readonly owner: ContentNetwork
  context: unknown = undefined
  isUp = false
  #isClosed = false
  readonly #shared: SharedLink | undefined

  constructor(remote: Address, owner: ContentNetwork, shared?: SharedLink) {
    this.remote = remote
    this.owner = owner
    this.#shared = shared
  }

  get rttMs(): number {
    return this.isUp && this.#shared ? this.#shared.rttMs : NaN
  }

  send(message: ControlMessage): void {
    if (this.isUp) this.#shared?.tell(message)
  }

  close(): void {
    this.#isClosed = true
    this.isUp = false
    this.#shared?.drop(this)
  }

  comeUp(): void {
    if (this.#isClosed || this.isUp) return
    this.isUp = true
    this.owner.handler.linkUp(this, false)
  }

  goDown(reason: LinkDownReason): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.isUp = false
    this.owner.handler.linkDown(this, reason)
  }
}

/** One link to a tracker for all contents of a node: what comes on it is told apart by the content that it names. */
export class SharedLink {
  readonly #clock: Clock
  readonly #network: Network
  readonly #remote: Address
  readonly #ends: VirtualLink[] = []
  /** Said before the link was up. */
  #waiting: ControlMessage[] = []
  #link: Link | undefined
  #isUp = false

  constructor(clock: Clock, network: Network, remote: Address) {
    this.#clock = clock
    this.#network = network
    this.#remote = remote
  }

  get rttMs(): number {
    return this.#link?.rttMs ?? NaN
  }

  /** A content's own end; it comes up when the link does. */
  join(owner: ContentNetwork): VirtualLink {
    const end = new VirtualLink(this.#remote, owner, this)
    this.#ends.push(end)
    if (this.#isUp) this.#clock.setTimer(0, () => this.#isUp && end.comeUp())
    else this.#link ??= this.#network.connect(this.#remote)
    return end
  }

  drop(end: VirtualLink): void {
    const at = this.#ends.indexOf(end)
    if (at >= 0) this.#ends.splice(at, 1)
  }

  /** Closes the ends of a content. */
  leave(owner: ContentNetwork): void {
    for (const end of this.#ends.slice()) if (end.owner === owner) end.close()
  }

  /** Says something, as soon as the link is up. */
  tell(message: ControlMessage): void {
    if (this.#link && this.#isUp) return this.#network.send(this.#link, message)
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(message)
    this.#link ??= this.#network.connect(this.#remote)
  }

  close(): void {
    for (const end of this.#ends.slice()) end.close()
    if (this.#link) this.#network.close(this.#link)
    this.#link = undefined
    this.#isUp = false
    this.#waiting = []
  }

  /** Returns whether the link is this one; likewise below. */
  linkUp(link: Link): boolean {
    if (link !== this.#link) return false
    this.#isUp = true
    for (const message of this.#waiting.splice(0)) this.#network.send(link, message)
    for (const end of this.#ends.slice()) end.comeUp()
    return true
  }

  linkDown(link: Link, reason: LinkDownReason): boolean {
    if (link !== this.#link) return false
    this.#link = undefined
    this.#isUp = false
    this.#waiting = []
    for (const end of this.#ends.splice(0)) end.goDown(reason)
    return true
  }

  message(link: Link, message: ControlMessage): boolean {
    if (link !== this.#link) return false
    if (!('contentId' in message)) return true
    for (const end of this.#ends.slice())
      if (end.owner.contentId === message.contentId) end.owner.handler.message(end, message)
    return true
  }
}
