import type { Handshake } from '../protocol/messages.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Link, Network } from '../ports/network.ts'
import type { KnownPeer } from './known-peer.ts'
import { Neighbour } from './neighbour.ts'
import type { SwarmOptions } from './options.ts'
import type { PeerBook } from './peer-book.ts'
import { removeFrom } from './remove-from.ts'

/** After a dial a candidate is left alone this long, doubled with each failure in a row but `MAX_REDIAL_DOUBLINGS` times at most. */
export const REDIAL_MS = 30_000
const MAX_REDIAL_DOUBLINGS = 2
/** A candidate that could not be reached so often in a row is not dialled again until the tracker names it again. */
const MAX_DIAL_FAILURES = 6
/** Between two looks at who may be dialled again, at the least. */
const MIN_REDIAL_GAP_MS = 1_000

/** A link before its handshake. */
class Pending {
  readonly link: Link
  readonly known: KnownPeer | undefined
  readonly startedMs: number
  readonly timer: Timer

  constructor(link: Link, known: KnownPeer | undefined, startedMs: number, timer: Timer) {
    this.link = link
    this.known = known
    this.startedMs = startedMs
    this.timer = timer
  }
}

export interface NeighbourhoodEvents {
  /** Whether the peer has a use for more neighbours; one that holds everything waits for others to dial. */
  wantsMore(): boolean
  joined(neighbour: Neighbour): void
  left(neighbour: Neighbour): void
}

/** Keeps a bounded set of links to other peers: dials candidates, shakes hands, drops doubles and banned peers. */
export class Neighbourhood {
  readonly list: Neighbour[] = []
  readonly #clock: Clock
  readonly #network: Network
  readonly #options: SwarmOptions
  readonly #book: PeerBook
  readonly #events: NeighbourhoodEvents
  readonly #handshake: Handshake
  /** Each is its link's context too. */
  readonly #pending: Pending[] = []
  /** How many of them this side dialled. */
  #dialled = 0
  #redialTimer: Timer | undefined
  #redialAtMs = Infinity

  constructor(
    clock: Clock,
    network: Network,
    options: SwarmOptions,
    book: PeerBook,
    events: NeighbourhoodEvents,
  ) {
    this.#clock = clock
    this.#network = network
    this.#options = options
    this.#book = book
    this.#events = events
    this.#handshake = {
      type: 'handshake',
      contentId: options.manifest.contentId,
      peerId: options.peerId,
      address: options.address,
      region: options.region,
      isOrigin: options.isOrigin,
      uploadSlots: options.settings.uploadSlots,
    }
  }

  /** Links that have not shaken hands yet. */
  get pendingCount(): number {
    return this.#pending.length
  }

  /**
   * Dials candidates in the tracker's order until the target is reached or none is left; those that could not be reached
   * are tried again later, whether the tracker says more or not: it may be away itself.
   */
  dialMore(): void {
    if (!this.#events.wantsMore()) return
    const { targetNeighbours } = this.#options.settings
    const nowMs = this.#clock.nowMs()
    let missing = targetNeighbours - this.list.length - this.#dialled
    let nextMs = Infinity
    for (const known of this.#book.dialOrder) {
      if (missing <= 0) return
      if (!this.#mayDial(known) || known.dialFailures >= MAX_DIAL_FAILURES) continue
      if (known.nextDialMs > nowMs) nextMs = Math.min(nextMs, known.nextDialMs)
      else if (this.dial(known)) missing--
    }
    if (nextMs < Infinity) this.#planRedial(Math.max(nextMs, nowMs + MIN_REDIAL_GAP_MS), nowMs)
  }

  /** Starts to connect to a peer that is neither linked nor banned nor being dialled; returns whether it did. */
  dial(known: KnownPeer): boolean {
    if (!this.#mayDial(known)) return false
    const nowMs = this.#clock.nowMs()
    const doublings = known.isOrigin ? 0 : Math.min(known.dialFailures, MAX_REDIAL_DOUBLINGS)
    known.nextDialMs = nowMs + REDIAL_MS * (1 << doublings)
    known.dialFailures++
    this.#await(this.#network.connect(known.address), known)
    return true
  }

  linkUp(link: Link, incoming: boolean): void {
    const pending = pendingOf(link)
    if (pending?.known) pending.known.connectMs = this.#clock.nowMs() - pending.startedMs
    if (incoming) {
      const { maxNeighbours } = this.#options.settings
      if (this.list.length + this.#pending.length >= 2 * maxNeighbours) return this.#network.close(link)
      this.#await(link, undefined)
    } else if (!pending) return this.#network.close(link)
    this.#network.send(link, this.#handshake)
  }

  /** Completes a link with the other side's handshake; a link that can't become a neighbour is closed. */
  shake(link: Link, handshake: Handshake): void {
    const pending = pendingOf(link)
    if (!pending) return this.#network.close(link)
    this.#settle(pending)
    const { manifest, peerId } = this.#options
    const incoming = pending.known === undefined
    const isSelf = handshake.peerId === peerId
    if (isSelf && pending.known) this.#book.vacate(pending.known)
    if (handshake.contentId !== manifest.contentId || isSelf) return this.#network.close(link)
    const known = this.#knownBy(handshake, pending.known)
    known.uploadSlots = handshake.uploadSlots
    if (pending.known && pending.known !== known) {
      known.connectMs = pending.known.connectMs
      this.#book.vacate(pending.known)
    }
    const twin = known.neighbour
    if (known.banned || (!twin && this.#isFull(known))) return this.#network.close(link)
    if (twin) {
      if (!this.#replaces(incoming, twin)) return this.#network.close(link)
      this.drop(twin)
    }
    const neighbour = new Neighbour(link, known, incoming)
    known.neighbour = neighbour
    known.dialFailures = 0
    link.context = neighbour
    this.list.push(neighbour)
    this.#events.joined(neighbour)
  }

  /** The link went away by itself. */
  linkDown(link: Link): void {
    const pending = pendingOf(link)
    if (pending) this.#settle(pending)
    else if (link.context instanceof Neighbour) this.#remove(link.context)
  }

  /** Closes the link to a neighbour. */
  drop(neighbour: Neighbour): void {
    this.#network.close(neighbour.link)
    this.#remove(neighbour)
  }

  closeAll(): void {
    this.#stopRedialling()
    for (const pending of this.#pending.slice()) {
      this.#settle(pending)
      this.#network.close(pending.link)
    }
    for (const neighbour of this.list.slice()) this.drop(neighbour)
  }

  /** Forgets everything without a word to anyone. */
  clear(): void {
    this.#stopRedialling()
    for (const pending of this.#pending.slice()) this.#settle(pending)
    this.list.length = 0
  }

  #mayDial(known: KnownPeer): boolean {
    return !known.neighbour && !known.banned && known.address !== '' && !known.isDialled
  }

  #planRedial(atMs: number, nowMs: number): void {
    if (this.#redialTimer !== undefined && this.#redialAtMs <= atMs) return
    this.#stopRedialling()
    this.#redialAtMs = atMs
    this.#redialTimer = this.#clock.setTimer(atMs - nowMs, () => {
      this.#redialTimer = undefined
      this.dialMore()
    })
  }

  #stopRedialling(): void {
    if (this.#redialTimer !== undefined) this.#clock.clearTimer(this.#redialTimer)
    this.#redialTimer = undefined
  }

  #await(link: Link, known: KnownPeer | undefined): void {
    const timer = this.#clock.setTimer(this.#options.settings.connectTimeoutMs, () => {
      this.#forget(pending)
      this.#network.close(link)
      this.dialMore()
    })
    const pending = new Pending(link, known, this.#clock.nowMs(), timer)
    link.context = pending
    this.#pending.push(pending)
    if (!known) return
    known.isDialled = true
    this.#dialled++
  }

  #settle(pending: Pending): void {
    this.#clock.clearTimer(pending.timer)
    this.#forget(pending)
  }

  #forget(pending: Pending): void {
    const { link, known } = pending
    link.context = undefined
    removeFrom(this.#pending, pending)
    if (!known) return
    known.isDialled = false
    this.#dialled--
  }

  /** Who has shaken hands: mostly who was dialled, which needs no look-up. */
  #knownBy({ peerId, address, region, isOrigin }: Handshake, dialled: KnownPeer | undefined): KnownPeer {
    const isDialled = dialled?.peerId === peerId && !dialled.isForgotten
    return isDialled ? dialled : this.#book.meet(peerId, address, region, isOrigin)
  }

  /** An origin is always let in: it is the last resort. */
  #isFull(known: KnownPeer): boolean {
    return this.list.length >= this.#options.settings.maxNeighbours && !known.isOrigin
  }

  /** Of two links between the same peers both sides keep the one that the lower peer id dialled, or else the newer one. */
  #replaces(incoming: boolean, twin: Neighbour): boolean {
    if (incoming === twin.incoming) return true
    const keepIncoming = twin.known.peerId < this.#options.peerId
    return incoming === keepIncoming
  }

  #remove(neighbour: Neighbour): void {
    if (!removeFrom(this.list, neighbour)) return
    neighbour.known.neighbour = undefined
    neighbour.link.context = undefined
    this.#events.left(neighbour)
  }
}

const pendingOf = ({ context }: Link): Pending | undefined =>
  context instanceof Pending ? context : undefined
