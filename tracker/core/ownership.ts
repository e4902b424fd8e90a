import type { Address, PeerId } from '../../peer/protocol/ids.ts'
import type { AnnounceRequest, Member } from './member.ts'
import type { Swarm } from './swarm.ts'

/**
 * Tells who may speak for a member: whoever is where it is, or knows the key that it announced with. Peer ids are no secret,
 * so that somebody else who uses one is another member, in a slot of its own, while the first one is there: a client that
 * has moved without a key is not locked out, and one that only knows a peer id changes nothing.
 */
export class Ownership {
  readonly #placeOf: ((address: Address) => string) | undefined

  /** `placeOf`: those who share it with a member may speak for it; without it everybody may. */
  constructor(placeOf: ((address: Address) => string) | undefined) {
    this.#placeOf = placeOf
  }

  /** Whether who speaks from somewhere may speak for a member. */
  mayAct(member: Member, from: Address): boolean {
    const place = this.#placeOf
    return place === undefined || placeOfMember(member, place) === place(from)
  }

  /** Which slot of a swarm an announce is for. */
  slotOf(swarm: Swarm, announce: AnnounceRequest): string {
    const { peerId, address, isTrusted = false, key = 0, from = address } = announce
    const place = this.#placeOf
    if (place === undefined || isTrusted || from === '') return ''
    const first = swarm.get(peerId)
    if (!first) {
      if (swarm.slotted > 0) this.#promote(swarm, peerId, place(from))
      return ''
    }
    if (first.address === address && address !== '') return ''
    if (knowsKey(first, key)) return ''
    const own = place(from)
    return placeOfMember(first, place) === own ? '' : own
  }

  /** The member that who speaks from somewhere, or knows a key, may speak for, among those that go by a peer id. */
  memberFor(swarm: Swarm, peerId: PeerId, from: Address, key = 0): Member | undefined {
    const first = swarm.get(peerId)
    if (this.#placeOf === undefined || (first && (knowsKey(first, key) || this.mayAct(first, from))))
      return first
    return swarm.get(peerId, this.#placeOf(from))
  }

  /** Who was second while the first one was there takes its place: it announces anew. */
  #promote(swarm: Swarm, peerId: PeerId, place: string): void {
    const second = swarm.get(peerId, place)
    if (second) swarm.remove(second)
  }
}

/** 0 is no key. */
const knowsKey = (member: Member, key: number): boolean => key !== 0 && member.key === key

function placeOfMember({ address, from }: Member, placeOf: (address: Address) => string): string | undefined {
  const at = from ?? address
  return at === '' ? undefined : placeOf(at)
}
