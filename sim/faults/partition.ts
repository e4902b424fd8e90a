import type { Random } from '../../peer/ports/random.ts'
import type { Cut } from '../cuts.ts'
import type { PartitionFault } from '../faults.ts'
import type { SimNetwork } from '../sim-network.ts'
import { isTarget, type Role } from './target.ts'

/** A program on a host, as groups see it. */
export interface Member {
  readonly label: string
  readonly role: Role
  readonly network: SimNetwork
}

/** Two groups between which nothing passes while the partition lasts; who is in which stays the same from partition to partition. */
export class Partition implements Cut {
  readonly #fault: PartitionFault
  readonly #random: Random
  readonly #first = new Set<SimNetwork>()
  readonly #second = new Set<SimNetwork>()

  constructor(fault: PartitionFault, random: Random) {
    this.#fault = fault
    this.#random = random
  }

  /** Finds out where a node belongs, when it comes. */
  add({ label, role, network }: Member): void {
    const { between, and, share } = this.#fault
    const { region } = network.host
    if (isTarget(between, role, region) && this.#random.fork(label).next() < share) this.#first.add(network)
    else if (and === 'rest' || isTarget(and, role, region)) this.#second.add(network)
  }

  blocks(from: SimNetwork, to: SimNetwork): boolean {
    if (this.#first.has(from) && this.#second.has(to)) return true
    return !this.#fault.oneWay && this.#second.has(from) && this.#first.has(to)
  }
}
