import type { Address, ContentId } from '../protocol/ids.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from '../ports/network.ts'
import { ContentNetwork } from './content-network.ts'
import { SharedLink } from './shared-link.ts'
import { SpareLinks } from './spare-links.ts'

export interface RouterSettings {
  /** Links to other nodes above which none is dialled unless an unused one can be closed for it. */
  readonly softLinks: number
  /** Links above which none is accepted either; the addresses in `unlimited` do not count. */
  readonly hardLinks: number
  /** A link on which nothing was asked or sent for so long is closed. */
  readonly idleLinkMs: number
  /** An incoming link that does not say so long what it is for is closed. */
  readonly handshakeTimeoutMs: number
}

/** Limits of the Spotify client (Kreitz and Niemelä 2010: 50 and 60 links); the times are assumptions. */
export const ROUTER_DEFAULTS: RouterSettings = {
  softLinks: 50,
  hardLinks: 60,
  idleLinkMs: 60_000,
  handshakeTimeoutMs: 10_000,
}

export interface RouterOptions {
  readonly settings: RouterSettings
  /** Addresses that one link serves for all contents: trackers. */
  readonly shared: readonly Address[]
  /** Addresses to which a link is kept ready before it is needed, and which count against no limit: origins. */
  readonly spare: readonly Address[]
  /** Somebody asks for a content that has no member now: opens one and starts it, or leaves it. */
  summon(contentId: ContentId): void
}

/** What the router knows of a link that has been given to a content. */
class Route {
  readonly owner: ContentNetwork
  readonly isLimited: boolean
  usedMs: number

  constructor(owner: ContentNetwork, isLimited: boolean, usedMs: number) {
    this.owner = owner
    this.isLimited = isLimited
    this.usedMs = usedMs
  }
}

type ControlMessage = Exclude<Message, ChunkHeader>

/**
 * The members of many swarms on one node and its one Network port: an incoming link goes to the content that its handshake
 * names, trackers are talked to over one link, and the number of links is bounded for the node as a whole.
 */
export class ContentRouter implements LinkHandler {
  readonly network: Network
  readonly #clock: Clock
  readonly #options: RouterOptions
  readonly #members = new Map<ContentId, ContentNetwork>()
  readonly #routes = new Map<Link, Route>()
  readonly #shared = new Map<Address, SharedLink>()
  readonly #spares: SpareLinks
  /** Incoming links that have not said what they are for, each with its time-out. */
  readonly #strangers = new Map<Link, Timer>()
  #limited = 0
  #sweepTimer: Timer | undefined
  #isDropping = false
  #isStopped = false

  constructor(clock: Clock, network: Network, options: RouterOptions) {
    this.#clock = clock
    this.network = network
    this.#options = options
    this.#spares = new SpareLinks(network, options.spare)
    network.attach(this)
  }

  /** Links to other nodes that count against the limits. */
  get linkCount(): number {
    return this.#limited + this.#strangers.size
  }

  has(contentId: ContentId): boolean {
    return this.#members.has(contentId)
  }

  /** The Network port for a content's member, which from now on gets the links for it. */
  open(contentId: ContentId): ContentNetwork {
    if (this.#members.has(contentId))
      throw new TypeError(`invalid content: ${contentId} has a member already`)
    const member = new ContentNetwork(this, contentId)
    this.#members.set(contentId, member)
    this.patienceChanged()
    return member
  }

  /** Forgets a content's member, closing what links it has left. */
  close(contentId: ContentId): void {
    const member = this.#members.get(contentId)
    if (!member) return
    this.#members.delete(contentId)
    for (const [link, { owner }] of this.#routes) if (owner === member) this.closeLink(link)
    for (const shared of this.#shared.values()) shared.leave(member)
    this.patienceChanged()
  }

  /** How many links a content has, those to shared addresses left out. */
  linksOf(contentId: ContentId): number {
    const member = this.#members.get(contentId)
    let count = 0
    for (const { owner } of this.#routes.values()) if (owner === member) count++
    return count
  }

  /** Opens the links that are kept ready. */
  start(): void {
    this.#spares.fill()
  }

  /** Closes everything that the members have not closed themselves. */
  stop(): void {
    this.#isStopped = true
    if (this.#sweepTimer !== undefined) this.#clock.clearTimer(this.#sweepTimer)
    for (const [link, timer] of this.#strangers) {
      this.#clock.clearTimer(timer)
      this.network.close(link)
    }
    this.#strangers.clear()
    for (const link of [...this.#routes.keys()]) this.closeLink(link)
    for (const shared of this.#shared.values()) shared.close()
    this.#spares.close()
  }

  /** Says something to a shared address for a content that has no member now; an answer to it is not heard. */
  tell(remote: Address, message: ControlMessage): void {
    this.#share(remote).tell(message)
  }

  /** For the members' ports. */
  connect(remote: Address, owner: ContentNetwork): Link {
    if (this.#options.shared.includes(remote)) return this.#share(remote).join(owner)
    const isLimited = !this.#options.spare.includes(remote)
    if (isLimited && !this.#hasRoom()) return owner.refused(remote, this.#clock)
    const spare = this.#spares.take(remote)
    const link = spare ?? this.network.connect(remote)
    this.#adopt(link, owner, isLimited)
    if (spare) this.#clock.setTimer(0, () => this.#routes.get(link)?.owner.handler.linkUp(link, false))
    return link
  }

  closeLink(link: Link): void {
    this.#forget(link)
    this.network.close(link)
  }

  /** Something is asked or sent on a link. */
  used(link: Link): void {
    const route = this.#routes.get(link)
    if (route) route.usedMs = this.#clock.nowMs()
  }

  /** News may wait for the node where all of its members can wait. */
  patienceChanged(): void {
    let canWait = true
    for (const { newsCanWait } of this.#members.values()) canWait &&= newsCanWait
    this.network.newsCanWait = canWait
  }

  linkUp(link: Link, incoming: boolean): void {
    if (incoming) return this.#meet(link)
    if (this.#spares.linkUp(link)) return
    for (const shared of this.#shared.values()) if (shared.linkUp(link)) return
    this.#routes.get(link)?.owner.handler.linkUp(link, false)
  }

  linkDown(link: Link, reason: LinkDownReason): void {
    const timer = this.#strangers.get(link)
    if (timer !== undefined) {
      this.#clock.clearTimer(timer)
      this.#strangers.delete(link)
      return
    }
    if (this.#spares.linkDown(link)) return
    for (const shared of this.#shared.values()) if (shared.linkDown(link, reason)) return
    const route = this.#routes.get(link)
    this.#forget(link)
    route?.owner.handler.linkDown(link, reason)
  }

  message(link: Link, message: ControlMessage): void {
    const route = this.#routes.get(link)
    if (route) {
      if (message.type === 'request') route.usedMs = this.#clock.nowMs()
      return route.owner.handler.message(link, message)
    }
    for (const shared of this.#shared.values()) if (shared.message(link, message)) return
    const timer = this.#strangers.get(link)
    if (timer === undefined) return this.network.close(link)
    this.#clock.clearTimer(timer)
    this.#strangers.delete(link)
    const owner = message.type === 'handshake' ? this.#memberOf(message.contentId) : undefined
    if (!owner) return this.network.close(link)
    this.#adopt(link, owner, true)
    owner.handler.linkUp(link, true)
    owner.handler.message(link, message)
  }

  chunkBegins(link: Link, header: ChunkHeader): void {
    this.used(link)
    this.#routes.get(link)?.owner.handler.chunkBegins(link, header)
  }

  chunkArrived(link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#routes.get(link)?.owner.handler.chunkArrived(link, header, body)
  }

  chunkSent(link: Link, requestId: number, sent: boolean, bytes?: number): void {
    this.#routes.get(link)?.owner.handler.chunkSent(link, requestId, sent, bytes)
  }

  #memberOf(contentId: ContentId): ContentNetwork | undefined {
    if (!this.#members.has(contentId)) this.#options.summon(contentId)
    return this.#members.get(contentId)
  }

  #meet(link: Link): void {
    const { hardLinks, handshakeTimeoutMs } = this.#options.settings
    if (this.#isStopped || this.linkCount >= hardLinks) return this.network.close(link)
    const timer = this.#clock.setTimer(handshakeTimeoutMs, () => {
      this.#strangers.delete(link)
      this.network.close(link)
    })
    this.#strangers.set(link, timer)
  }

  #share(remote: Address): SharedLink {
    let shared = this.#shared.get(remote)
    if (!shared) {
      shared = new SharedLink(this.#clock, this.network, remote)
      this.#shared.set(remote, shared)
    }
    return shared
  }

  #adopt(link: Link, owner: ContentNetwork, isLimited: boolean): void {
    this.#routes.set(link, new Route(owner, isLimited, this.#clock.nowMs()))
    if (isLimited) this.#limited++
    this.#planSweep()
  }

  #forget(link: Link): void {
    if (this.#routes.get(link)?.isLimited) this.#limited--
    this.#routes.delete(link)
  }

  #hasRoom(): boolean {
    if (this.#isDropping) return false
    return this.linkCount < this.#options.settings.softLinks || this.#closeUnused()
  }

  /** Makes room by closing the link that has been out of use longest, if it has been so for a while. */
  #closeUnused(): boolean {
    const beforeMs = this.#clock.nowMs() - this.#options.settings.idleLinkMs / 2
    let oldest: Link | undefined
    let oldestMs = beforeMs
    for (const [link, { isLimited, usedMs }] of this.#routes)
      if (isLimited && usedMs < oldestMs) [oldest, oldestMs] = [link, usedMs]
    if (oldest) this.#drop(oldest)
    return oldest !== undefined
  }

  #planSweep(): void {
    if (this.#isStopped) return
    this.#sweepTimer ??= this.#clock.setTimer(this.#options.settings.idleLinkMs / 2, () => {
      this.#sweepTimer = undefined
      const beforeMs = this.#clock.nowMs() - this.#options.settings.idleLinkMs
      for (const [link, { usedMs }] of [...this.#routes]) if (usedMs < beforeMs) this.#drop(link)
      if (this.#routes.size > 0) this.#planSweep()
    })
  }

  /** Closes a link of a member that has not asked for it, and that can't have it back at once. */
  #drop(link: Link): void {
    const route = this.#routes.get(link)
    this.closeLink(link)
    this.#isDropping = true
    route?.owner.handler.linkDown(link, 'closed')
    this.#isDropping = false
  }
}
