import type { Address, ContentId, PeerId } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChunkHeader, Handshake, Message } from '../protocol/messages.ts'
import {
  type Hit,
  type Neighbours,
  type Query,
  QUERY_ID_BYTES,
  type QueryId,
  SEARCH_ID,
  type SearchMessage,
} from '../protocol/search-messages.ts'
import type { Timer } from '../ports/clock.ts'
import type { Link, LinkDownReason, LinkHandler } from '../ports/network.ts'
import { KnownNodes } from './known-nodes.ts'
import { QueryRoutes } from './query-routes.ts'
import { type SearchOptions, type SearchPorts, SearchStats } from './search-options.ts'

/** Addresses told to a new neighbour. */
const TOLD = 16

interface SearchNeighbour {
  readonly link: Link
  readonly peerId: PeerId
  readonly address: Address
  readonly isIncoming: boolean
  /** Messages that it may still send without a pause. */
  tokens: number
  filledMs: number
}

interface PendingLink {
  /** What was dialled; undefined where the other side dialled. */
  readonly dialled: Address | undefined
  readonly sinceMs: number
}

interface Search {
  readonly found: Set<Address>
  readonly tell: (address: Address) => void
  /** What was asked last; undefined where there was nobody to ask. */
  queryId: QueryId | undefined
  nextMs: number
}

/**
 * A node that finds holders of contents without a tracker: it asks its neighbours, who ask theirs (flooding as in Gnutella
 * 0.4, bounded by a time to live, by what is remembered of queries and by a rate for each neighbour).
 */
export class SearchNode implements LinkHandler {
  readonly stats = new SearchStats()
  readonly #ports: SearchPorts
  readonly #options: SearchOptions
  readonly #known: KnownNodes
  readonly #routes: QueryRoutes
  readonly #neighbours = new Map<Link, SearchNeighbour>()
  readonly #pending = new Map<Link, PendingLink>()
  readonly #searches = new Map<ContentId, Search>()
  #timer: Timer | undefined
  #isStopped = false

  constructor(ports: SearchPorts, options: SearchOptions) {
    const { settings, bootstrap } = options
    this.#ports = ports
    this.#options = options
    this.#known = new KnownNodes(bootstrap, settings.maxKnown, settings.redialMs, ports.random.fork('nodes'))
    this.#routes = new QueryRoutes(settings.maxQueries, settings.queryLifeMs)
    ports.network.attach(this)
  }

  get neighbourCount(): number {
    return this.#neighbours.size
  }

  /** How full the bounded tables are. */
  get sizes(): { readonly known: number; readonly queries: number; readonly pending: number } {
    return { known: this.#known.size, queries: this.#routes.size, pending: this.#pending.size }
  }

  /** Begins to look for neighbours. */
  start(): void {
    this.#tick()
  }

  /** Leaves its neighbours. */
  stop(): void {
    this.#isStopped = true
    if (this.#timer !== undefined) this.#ports.clock.clearTimer(this.#timer)
    for (const link of [...this.#neighbours.keys(), ...this.#pending.keys()]) this.#ports.network.close(link)
    this.#neighbours.clear()
    this.#pending.clear()
    this.#searches.clear()
  }

  /** Looks for holders of a content until the function that it returns is called; each is told once. */
  search(contentId: ContentId, tell: (address: Address) => void): () => void {
    const search: Search = { found: new Set(), tell, queryId: undefined, nextMs: 0 }
    this.#searches.set(contentId, search)
    this.#ask(contentId, search)
    return () => {
      if (this.#searches.get(contentId) === search) this.#searches.delete(contentId)
    }
  }

  linkUp(link: Link, incoming: boolean): void {
    if (this.#isStopped) return
    const { settings } = this.#options
    if (incoming) {
      if (this.#pending.size >= settings.maxNeighbours) return this.#ports.network.close(link)
      this.#pending.set(link, { dialled: undefined, sinceMs: this.#ports.clock.nowMs() })
    }
    const { peerId, address } = this.#options
    const handshake = { peerId, address, contentId: SEARCH_ID, region: '', isOrigin: false, uploadSlots: 0 }
    this.#ports.network.send(link, { type: 'handshake', ...handshake })
  }

  linkDown(link: Link, _reason: LinkDownReason): void {
    const neighbour = this.#neighbours.get(link)
    const dialled = neighbour?.isIncoming === false ? neighbour.address : this.#pending.get(link)?.dialled
    if (dialled !== undefined) this.#known.failed(dialled, this.#ports.clock.nowMs())
    this.#pending.delete(link)
    this.#neighbours.delete(link)
  }

  message(link: Link, message: Exclude<Message, ChunkHeader>): void {
    if (this.#isStopped) return
    const neighbour = this.#neighbours.get(link)
    if (!neighbour)
      return message.type === 'handshake' && this.#pending.has(link)
        ? this.#shake(link, message)
        : this.#drop(link)
    switch (message.type) {
      case 'query':
        return this.#hearQuery(neighbour, message)
      case 'hit':
        return this.#hearHit(neighbour, message)
      case 'neighbours':
        return this.#hearNeighbours(neighbour, message)
      default:
        return this.#drop(link)
    }
  }

  /** Chunks are none of this node's business. */
  chunkBegins(link: Link): void {
    this.#drop(link)
  }

  chunkArrived(): void {}

  chunkSent(): void {}

  #shake(link: Link, { contentId, peerId, address }: Handshake): void {
    const { dialled } = this.#pending.get(link)!
    this.#pending.delete(link)
    const { settings } = this.#options
    const isSelf = peerId === this.#options.peerId
    if (isSelf && dialled !== undefined) this.#known.forget(dialled)
    if (contentId !== SEARCH_ID || isSelf) return this.#refuse(link, dialled)
    const isIncoming = dialled === undefined
    const twin = [...this.#neighbours.values()].find((other) => other.peerId === peerId)
    if (twin && !this.#replaces(isIncoming, twin)) return this.#refuse(link, dialled)
    if (twin) this.#drop(twin.link)
    const at = dialled ?? address
    this.#known.add(at)
    this.#known.reached(at)
    this.#tellOthers(link, at)
    // One who finds no place here has heard of others at least.
    if (this.#neighbours.size >= settings.maxNeighbours) return this.#refuse(link, dialled)
    const filledMs = this.#ports.clock.nowMs()
    const neighbour = { link, peerId, address: at, isIncoming, tokens: settings.queryBurst, filledMs }
    this.#neighbours.set(link, neighbour)
    for (const [contentId, search] of this.#searches)
      if (search.queryId === undefined) this.#ask(contentId, search)
      else this.#send(link, { type: 'query', queryId: search.queryId, contentId, ttl: settings.ttl })
  }

  /** Of two links between the same nodes both sides keep the one that the lower id dialled, or else the newer one. */
  #replaces(isIncoming: boolean, twin: SearchNeighbour): boolean {
    return isIncoming === twin.isIncoming || isIncoming === twin.peerId < this.#options.peerId
  }

  #refuse(link: Link, dialled: Address | undefined): void {
    if (dialled !== undefined) this.#known.failed(dialled, this.#ports.clock.nowMs())
    this.#drop(link)
  }

  #hearQuery(from: SearchNeighbour, { queryId, contentId, ttl }: Query): void {
    if (!this.#takeToken(from)) return void this.stats.limited++
    if (this.#routes.get(queryId)) return void this.stats.duplicates++
    this.stats.queries++
    this.#routes.add(queryId, contentId, from.link, this.#ports.clock.nowMs())
    const address = this.#options.holds(contentId)
    if (address !== undefined) this.#send(from.link, { type: 'hit', queryId, addresses: [address] })
    const left = Math.min(ttl - 1, this.#options.settings.maxTtl)
    if (left < 1) return
    for (const link of this.#neighbours.keys())
      if (link !== from.link) this.#send(link, { type: 'query', queryId, contentId, ttl: left })
  }

  #hearHit({ link }: SearchNeighbour, { queryId, addresses }: Hit): void {
    const route = this.#routes.get(queryId)
    if (!route || route.hits >= this.#options.settings.hitsPerQuery) return void this.stats.strayHits++
    route.hits++
    this.stats.hits++
    if (route.from === undefined)
      return this.#found(
        route.contentId,
        addresses.filter((address) => this.#believes(address, link)),
      )
    if (this.#neighbours.has(route.from)) this.#send(route.from, { type: 'hit', queryId, addresses })
  }

  #found(contentId: ContentId, addresses: readonly Address[]): void {
    const search = this.#searches.get(contentId)
    if (!search) return
    for (const address of addresses) {
      if (search.found.has(address)) continue
      if (search.found.size >= this.#options.settings.maxFound) return
      search.found.add(address)
      search.tell(address)
    }
  }

  #hearNeighbours(from: SearchNeighbour, { addresses }: Neighbours): void {
    if (!this.#takeToken(from)) return void this.stats.limited++
    for (const address of addresses)
      if (address !== this.#options.address && this.#believes(address, from.link)) this.#known.add(address)
    this.#dialMore()
  }

  #believes(address: Address, { remote }: Link): boolean {
    return address !== '' && this.#options.believes?.(address, remote) !== false
  }

  #tellOthers(link: Link, address: Address): void {
    const addresses = this.#known.sample(Math.min(TOLD, LIMITS.addressesPerMessage), address)
    if (addresses.length > 0) this.#send(link, { type: 'neighbours', addresses })
  }

  #takeToken(neighbour: SearchNeighbour): boolean {
    const { queriesPerS, queryBurst } = this.#options.settings
    const nowMs = this.#ports.clock.nowMs()
    const filled = neighbour.tokens + ((nowMs - neighbour.filledMs) * queriesPerS) / 1000
    neighbour.tokens = Math.min(queryBurst, filled)
    neighbour.filledMs = nowMs
    if (neighbour.tokens < 1) return false
    neighbour.tokens--
    return true
  }

  #ask(contentId: ContentId, search: Search): void {
    const { settings } = this.#options
    const nowMs = this.#ports.clock.nowMs()
    search.nextMs = nowMs + settings.askAgainMs
    if (this.#neighbours.size === 0) return
    const queryId = this.#drawId()
    search.queryId = queryId
    this.#routes.add(queryId, contentId, undefined, nowMs)
    for (const link of this.#neighbours.keys())
      this.#send(link, { type: 'query', queryId, contentId, ttl: settings.ttl })
  }

  #drawId(): string {
    let id = ''
    for (let i = 0; i < QUERY_ID_BYTES; i++) id += this.#ports.random.below(256).toString(16).padStart(2, '0')
    return id
  }

  #tick(): void {
    const { clock } = this.#ports
    const { settings } = this.#options
    this.#timer = clock.setTimer(settings.tickMs, () => this.#tick())
    const nowMs = clock.nowMs()
    this.#routes.expire(nowMs)
    for (const [link, { dialled, sinceMs }] of this.#pending)
      if (nowMs - sinceMs >= settings.connectTimeoutMs) this.#refuse(link, dialled)
    this.#dialMore()
    for (const [contentId, search] of this.#searches) if (search.nextMs <= nowMs) this.#ask(contentId, search)
  }

  #dialMore(): void {
    const { targetNeighbours } = this.#options.settings
    const nowMs = this.#ports.clock.nowMs()
    const used = new Set<Address>()
    for (const { address } of this.#neighbours.values()) used.add(address)
    for (const { dialled } of this.#pending.values()) if (dialled !== undefined) used.add(dialled)
    for (const address of this.#known.dialable(nowMs)) {
      if (this.#neighbours.size + this.#pending.size >= targetNeighbours) return
      if (used.has(address)) continue
      this.#pending.set(this.#ports.network.connect(address), { dialled: address, sinceMs: nowMs })
    }
  }

  #send(link: Link, message: SearchMessage): void {
    this.stats.sent++
    this.#ports.network.send(link, message)
  }

  #drop(link: Link): void {
    this.#pending.delete(link)
    this.#neighbours.delete(link)
    this.#ports.network.close(link)
  }
}
