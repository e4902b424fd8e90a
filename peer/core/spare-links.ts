import type { Address } from '../protocol/ids.ts'
import type { Link, Network } from '../ports/network.ts'

interface Spare {
  readonly link: Link
  isUp: boolean
}

/** A link to each of some addresses that is ready before it is needed, so that nobody waits for its set-up. */
export class SpareLinks {
  readonly #network: Network
  readonly #addresses: readonly Address[]
  readonly #spares = new Map<Address, Spare>()
  #isClosed = false

  constructor(network: Network, addresses: readonly Address[]) {
    this.#network = network
    this.#addresses = addresses
  }

  fill(): void {
    for (const address of this.#addresses) this.#dial(address)
  }

  /** A link that is up, and from now on the taker's; undefined where there is none. Another one is made ready. */
  take(address: Address): Link | undefined {
    const spare = this.#spares.get(address)
    if (spare?.isUp) this.#spares.delete(address)
    if (this.#addresses.includes(address)) this.#dial(address)
    return spare?.isUp ? spare.link : undefined
  }

  close(): void {
    this.#isClosed = true
    for (const { link } of this.#spares.values()) this.#network.close(link)
    this.#spares.clear()
  }

  /** Returns whether the link is one of these; likewise below. */
  linkUp(link: Link): boolean {
    for (const spare of this.#spares.values())
      if (spare.link === link) {
        spare.isUp = true
        return true
      }
    return false
  }

  /** A spare that is lost is not made ready again before one is needed: its address may be away. */
  linkDown(link: Link): boolean {
    for (const [address, spare] of this.#spares)
      if (spare.link === link) {
        this.#spares.delete(address)
        return true
      }
    return false
  }

  #dial(address: Address): void {
    if (this.#isClosed || this.#spares.has(address)) return
    this.#spares.set(address, { link: this.#network.connect(address), isUp: false })
  }
}
