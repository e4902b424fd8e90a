import type { Address } from '../../peer/protocol/ids.ts'
import type { Member } from './member.ts'
import type { NetworkCounts } from './swarm.ts'
import { Tally } from './tally.ts'

/** Counts the members of one swarm by network, and with those of the other swarms in `all`. */
export class NetworkCaps implements NetworkCounts {
  readonly #networkOf: (address: Address) => string
  readonly #all: Tally
  readonly #own = new Tally()

  constructor(networkOf: (address: Address) => string, all: Tally) {
    this.#networkOf = networkOf
    this.#all = all
  }

  /** Whether one more peer at an address may join; peers without an address are bounded by their connections. */
  admits(address: Address, mostHere: number, mostInAll: number): boolean {
    if (address === '') return true
    const network = this.#networkOf(address)
    return this.#own.of(network) < mostHere && this.#all.of(network) < mostInAll
  }

  joined(member: Member): void {
    if (member.address === '') return
    member.network = this.#networkOf(member.address)
    this.#own.add(member.network)
    this.#all.add(member.network)
  }

  left({ network }: Member): void {
    if (network === undefined) return
    this.#own.remove(network)
    this.#all.remove(network)
  }
}
