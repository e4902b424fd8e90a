import type { Address, PeerId } from '../protocol/ids.ts'
import type { Candidates } from '../protocol/messages.ts'
import { KNOWN_FIGURES, KnownPeer } from './known-peer.ts'

/** Entries that share an array; it goes when the last of them has been forgotten. The first array is for those who know few. */
const PAGE_ENTRIES = 32
const FIRST_PAGE_ENTRIES = 8

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
  #page = new Float64Array(0)
  #pageUsed = 0

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
    const existing = this.#peers.get(peerId)
    if (existing) return existing
    const known = this.#entry(peerId, address, region, isOrigin)
    if (this.#peers.size >= this.#limit) this.#forgetOldest()
    this.#peers.set(peerId, known)
    if (isOrigin) this.origins.push(known)
    return known
  }

  /** Takes over a tracker's answer: its best candidates, where it names more than are remembered. */
  learn({ candidates, policy, policyVersion }: Candidates, nowMs: number): void {
    const count = Math.min(candidates.length, this.#limit)
    const named: KnownPeer[] = []
    for (let rank = 0; rank < count; rank++) {
      const candidate = candidates[rank]
      if (candidate.peerId === this.#self) continue
      const known = this.meet(candidate.peerId, candidate.address, candidate.region, candidate.isOrigin)
      known.learn(candidate, rank, policy, policyVersion, nowMs)
      if (!known.isOrigin) named.push(known)
    }
    // Most answers name nobody, and nobody has been forgotten since the last one.
    if (named.length === 0 && !this.#hasForgotten) return
    const fresh = new Set(named)
    for (const known of this.#dialOrder) if (!fresh.has(known)) named.push(known)
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

  #entry(peerId: PeerId, address: Address, region: string, isOrigin: boolean): KnownPeer {
    if (this.#pageUsed === this.#page.length) {
      const entries = this.#page.length === 0 ? FIRST_PAGE_ENTRIES : PAGE_ENTRIES
      this.#page = new Float64Array(entries * KNOWN_FIGURES)
      this.#pageUsed = 0
    }
    const at = this.#pageUsed
    this.#pageUsed += KNOWN_FIGURES
    return new KnownPeer(peerId, address, region, isOrigin, this.#page, at)
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
