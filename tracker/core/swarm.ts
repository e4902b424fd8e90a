import type { ContentId, PeerId } from '../../peer/protocol/ids.ts'
import type { Random } from '../../peer/ports/random.ts'
import { type AnnounceRequest, Member } from './member.ts'
import { MemberTable } from './member-table.ts'
import type { Sampler } from './sampler.ts'
import { UploadCredit } from './upload-credit.ts'

/** Most members looked at for one sample. */
const MOST_LOOKED_AT = 4096

/** Told of who comes and goes. */
export interface NetworkCounts {
  joined(member: Member): void
  left(member: Member): void
}

/** The members of one swarm, and who of them holds which chunk. */
export class Swarm {
  readonly contentId: ContentId
  readonly chunkCount: number
  readonly origins: Member[] = []
  /** By peer id, with their slot where they have one. */
  readonly #members = new Map<string, Member>()
  /** Members that share the peer id of another. */
  slotted = 0
  /** All members but the origins, in no meaningful order. */
  readonly #list: Member[] = []
  /** What ranking reads of them, in their order. */
  readonly table = new MemberTable()
  #originTable: MemberTable | undefined
  readonly #holders: Uint32Array
  readonly #networks: NetworkCounts | undefined
  readonly #credit: UploadCredit | undefined
  #seeds = 0
  /** Members that have said that they have just got everything. */
  completions = 0

  /**
   * `networks`: where members are counted by network, in this swarm and in all; nowhere where it is left out.
   * `balancesUploads`: whether uploads are believed only as far as others' downloads bear them out.
   */
  constructor(contentId: ContentId, chunkCount: number, networks?: NetworkCounts, balancesUploads = false) {
    this.contentId = contentId
    this.chunkCount = chunkCount
    this.#networks = networks
    if (balancesUploads) this.#credit = new UploadCredit()
    this.#holders = new Uint32Array(chunkCount)
  }

  /** Most that is believed of one member's uploads, bytes per second. */
  get creditBps(): number {
    return this.#credit?.creditBps ?? Infinity
  }

  get size(): number {
    return this.#members.size
  }

  /** Members that hold everything, origins not counted. */
  get seeds(): number {
    return this.#seeds
  }

  get leechers(): number {
    return this.#list.length - this.#seeds
  }

  /** `slot`: which of those that go by that peer id. */
  get(peerId: PeerId, slot = ''): Member | undefined {
    return this.#members.get(slot === '' ? peerId : keyOf(peerId, slot))
  }

  /** How many members, origins included, hold a chunk. */
  holderCount(chunk: number): number {
    return this.#holders[chunk]
  }

  /** The members, origins included, in the order in which they came. */
  members(): Iterable<Member> {
    return this.#members.values()
  }

  /** The members, origins included, that hold a chunk. */
  holders(chunk: number): Member[] {
    return [...this.#members.values()].filter((member) => member.chunks.has(chunk))
  }

  /** Takes an announce of a member, new or known; `intervalMs`: how often it was told to announce. */
  announce(announce: AnnounceRequest, nowMs: number, intervalMs: number, slot = ''): Member {
    let member = this.get(announce.peerId, slot)
    if (member && member.isOrigin !== announce.isOrigin) {
      this.remove(member)
      member = undefined
    }
    if (member) {
      this.#uncount(member)
      const gotBytes = member.update(announce, nowMs, intervalMs, this.creditBps)
      this.#credit?.got(gotBytes, nowMs, this.table)
    } else {
      member = new Member(announce, nowMs, this.#tableOf(announce.isOrigin), slot)
      this.#members.set(keyOf(announce.peerId, slot), member)
      if (slot !== '') this.slotted++
      this.#listOf(announce.isOrigin).push(member)
      this.#networks?.joined(member)
    }
    if (announce.event === 'completed') this.completions++
    this.#count(member)
    return member
  }

  remove(member: Member): void {
    if (!this.#members.delete(keyOf(member.peerId, member.slot))) return
    if (member.slot !== '') this.slotted--
    this.#networks?.left(member)
    this.#uncount(member)
    const list = this.#listOf(member.isOrigin)
    const last = list.pop()!
    this.#tableOf(member.isOrigin).drop(member.position)
    if (last !== member) {
      list[member.position] = last
      last.position = member.position
    }
    member.position = -1
  }

  /** Removes the members that have not announced since `sinceMs`; returns how many. */
  expire(sinceMs: number): number {
    let removed = 0
    for (const member of this.#members.values())
      if (member.announcedMs < sinceMs) {
        this.remove(member)
        removed++
      }
    return removed
  }

  /** Removes those that announced longest ago until no more than `count` are left, origins left out. */
  keepRecent(count: number): void {
    while (this.#list.length > count) {
      let oldest = this.#list[0]
      for (const member of this.#list) if (member.announcedMs < oldest.announcedMs) oldest = member
      this.remove(oldest)
    }
  }

  /** Writes the positions of up to `count` different members drawn at random, origins left out; returns how many. */
  draw(count: number, random: Random, sampler: Sampler, out: Uint32Array): number {
    return sampler.draw(this.#list.length, count, random, out)
  }

  memberAt(position: number): Member {
    return this.#list[position]
  }

  /**
   * Up to `count` different members that `accepts` lets pass, drawn at random (Vitter 1985), origins left out. Of a large
   * swarm a stretch is looked at that begins anywhere: members lie in no meaningful order.
   */
  sample(count: number, random: Random, accepts: (member: Member) => boolean): Member[] {
    const { length } = this.#list
    const first = length > MOST_LOOKED_AT ? random.below(length) : 0
    const drawn: Member[] = []
    let seen = 0
    for (let k = 0; k < Math.min(length, MOST_LOOKED_AT); k++) {
      const member = this.#list[(first + k) % length]
      if (!accepts(member)) continue
      if (drawn.length < count) drawn.push(member)
      else {
        const place = random.below(seen + 1)
        if (place < count) drawn[place] = member
      }
      seen++
    }
    return drawn
  }

  #listOf(isOrigin: boolean): Member[] {
    return isOrigin ? this.origins : this.#list
  }

  #tableOf(isOrigin: boolean): MemberTable {
    return isOrigin ? (this.#originTable ??= new MemberTable(1)) : this.table
  }

  #count(member: Member): void {
    member.chunks.forEach((chunk) => this.#holders[chunk]++)
    if (member.chunks.isFull && !member.isOrigin) this.#seeds++
  }

  #uncount(member: Member): void {
    member.chunks.forEach((chunk) => this.#holders[chunk]--)
    if (member.chunks.isFull && !member.isOrigin) this.#seeds--
  }
}

const keyOf = (peerId: PeerId, slot: string): string => (slot === '' ? peerId : `${peerId} ${slot}`)
