import type { Address, PeerId } from '../protocol/ids.ts'
import type { Candidates } from '../protocol/messages.ts'
import { KnownPage } from './known-page.ts'
import { KnownPeer, type Listing } from './known-peer.ts'

/** Least room of a page: for those who become known one by one. */
const FEWEST_RECORDS = 16

/** The other peers of the swarm that this peer knows of: a bounded number, in the order in which they became known. */
export class PeerBook {
  readonly #self: PeerId
  readonly #limit: number
  readonly #peers = new Map<PeerId, KnownPeer>()
  /** Where dialling goes on; best candidate of the newest tracker answer first. */
  #dialOrder: KnownPeer[] = []
  /** Somebody may be in the order to dial who is known no more. */
  #hasForgotten = false
  /** The origins that the tracker named. */
  readonly origins: KnownPeer[] = []
  #page: KnownPage | undefined

  constructor(self: PeerId, limit: number) {
    this.#self = self
    this.#limit = limit
  }

  get size(): number {
    return this.#peers.size
  }

  get dialOrder(): readonly KnownPeer[] {
    return this.#dialOrder
  }

  get(peerId: PeerId): KnownPeer | undefined {
    return this.#peers.get(peerId)
  }

  /** The entry of a peer, made where there is none. */
  meet(peerId: PeerId, address: Address, region: string, isOrigin: boolean): KnownPeer {
    return this.#peers.get(peerId) ?? this.#add(peerId, address, region, isOrigin, 1)
  }

  /** Takes over a tracker's answer: its best candidates, where it names more than are remembered. */
  learn({ candidates, policy, policyVersion }: Candidates, nowMs: number): void {
    const count = Math.min(candidates.length, this.#limit)
    const listing: Listing = { policy, policyVersion }
    const named: KnownPeer[] = []
    for (let rank = 0; rank < count; rank++) {
      const candidate = candidates[rank]
      const { peerId } = candidate
      if (peerId === this.#self) continue
      const known =
        this.#peers.get(peerId) ??
        this.#add(peerId, candidate.address, candidate.region, candidate.isOrigin, count - rank)
      known.learn(candidate, rank, listing, nowMs)
      if (!known.isOrigin) named.push(known)
    }
    // Most answers name nobody, and nobody has been forgotten since the last one.
    if (named.length === 0 && !this.#hasForgotten) return
    for (const known of this.#dialOrder) if (known.listing !== listing || known.isOrigin) named.push(known)
    this.#dialOrder = named
    this.#dropForgotten()
  }

  /** Takes over the address of a peer that no tracker named; it is dialled after those that one did. */
  introduce(peerId: PeerId, address: Address): KnownPeer {
    const known = this.meet(peerId, address, '', false)
    if (this.#dialOrder.includes(known)) return known
    this.#dropForgotten()
    this.#dialOrder.push(known)
    return known
  }

  /** Another peer than `known` has answered at its address: there is nobody to dial for it any more. */
  vacate(known: KnownPeer): void {
    if (known.neighbour || known.isOrigin || known.banned) return
    this.#forget(known.peerId)
    this.#dialOrder = this.#dialOrder.filter((other) => other !== known)
  }

  #dropForgotten(): void {
    if (this.#hasForgotten) this.#dialOrder = this.#dialOrder.filter((known) => !known.isForgotten)
    this.#hasForgotten = false
  }

  #forget(peerId: PeerId): void {
    const known = this.#peers.get(peerId)
    if (!known) return
    known.isForgotten = this.#hasForgotten = true
    this.#peers.delete(peerId)
  }

  /** `coming`: how many more may have to be added at once, this one included. */
  #add(peerId: PeerId, address: Address, region: string, isOrigin: boolean, coming: number): KnownPeer {
    if (!this.#page || this.#page.isFull) this.#page = new KnownPage(Math.max(coming, FEWEST_RECORDS))
    const known = new KnownPeer(peerId, address, region, isOrigin, this.#page)
    if (this.#peers.size >= this.#limit) this.#forgetOldest()
    this.#peers.set(peerId, known)
    if (isOrigin) this.origins.push(known)
    return known
  }

  /** Origins, linked peers and banned ones stay; bans go last, so that the book stays bounded under a flood of liars. */
  #forgetOldest(): void {
    let oldestBanned: KnownPeer | undefined
    for (const known of this.#peers.values()) {
      if (known.neighbour || known.isOrigin) continue
      if (!known.banned) {
        this.#forget(known.peerId)
        return
      }
      oldestBanned ??= known
    }
    if (oldestBanned) this.#forget(oldestBanned.peerId)
  }
}
