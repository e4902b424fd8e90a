import type { Address } from '../protocol/ids.ts'
import { shuffle } from '../ports/seeded-random.ts'
import type { Random } from '../ports/random.ts'

const MAX_DOUBLINGS = 6

interface KnownNode {
  failures: number
  nextDialMs: number
}

/** Addresses of other nodes, and when each may be dialled again; bounded. Those named at the start are never forgotten. */
export class KnownNodes {
  readonly #limit: number
  readonly #redialMs: number
  readonly #random: Random
  readonly #fixed: ReadonlySet<Address>
  readonly #nodes = new Map<Address, KnownNode>()

  constructor(fixed: readonly Address[], limit: number, redialMs: number, random: Random) {
    this.#fixed = new Set(fixed)
    this.#limit = limit
    this.#redialMs = redialMs
    this.#random = random
    for (const address of fixed) this.#nodes.set(address, { failures: 0, nextDialMs: -Infinity })
  }

  get size(): number {
    return this.#nodes.size
  }

  /** Hears of a node. Where room has ended, nodes that failed make place; otherwise the news is dropped. */
  add(address: Address): void {
    if (address === '' || this.#nodes.has(address)) return
    if (this.#nodes.size >= this.#limit + this.#fixed.size && !this.#forgetOne()) return
    this.#nodes.set(address, { failures: 0, nextDialMs: -Infinity })
  }

  /** Nodes that may be dialled now, in random order. */
  dialable(nowMs: number): Address[] {
    const ready: Address[] = []
    for (const [address, { nextDialMs }] of this.#nodes) if (nextDialMs <= nowMs) ready.push(address)
    return shuffle(ready, this.#random)
  }

  /** At most so many addresses, at random. */
  sample(count: number, except: Address): Address[] {
    const addresses = [...this.#nodes].filter(([address, node]) => address !== except && node.failures === 0)
    return shuffle(addresses, this.#random)
      .slice(0, count)
      .map(([address]) => address)
  }

  reached(address: Address): void {
    const node = this.#nodes.get(address)
    if (node) node.failures = 0
  }

  /** A dial has failed, or has led nowhere. */
  failed(address: Address, nowMs: number): void {
    const node = this.#nodes.get(address)
    if (!node) return
    node.nextDialMs = nowMs + this.#redialMs * (1 << Math.min(node.failures++, MAX_DOUBLINGS))
  }

  forget(address: Address): void {
    if (!this.#fixed.has(address)) this.#nodes.delete(address)
  }

  #forgetOne(): boolean {
    for (const [address, { failures }] of this.#nodes)
      if (failures > 0 && !this.#fixed.has(address)) return this.#nodes.delete(address)
    return false
  }
}
