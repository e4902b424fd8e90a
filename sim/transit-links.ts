import type { FlowNetwork, LinkIndex } from './flow-network.ts'
import type { SimHost } from './sim-host.ts'

/** Shared bottlenecks: what the hosts of a region have in common towards other regions, one link each way. */
export class TransitLinks {
  readonly #out = new Map<string, LinkIndex>()
  readonly #in = new Map<string, LinkIndex>()

  constructor(flows: FlowNetwork, transitBps: Readonly<Record<string, number>>) {
    for (const region of Object.keys(transitBps).sort()) {
      this.#out.set(region, flows.addLink(transitBps[region]))
      this.#in.set(region, flows.addLink(transitBps[region]))
    }
  }

  /** The links that a transfer crosses, or undefined where those are the two access links only. */
  path(from: SimHost, to: SimHost): LinkIndex[] | undefined {
    if (this.#out.size === 0 || from.region === to.region) return undefined
    const path = [from.upLink]
    const out = this.#out.get(from.region)
    const into = this.#in.get(to.region)
    if (out !== undefined) path.push(out)
    if (into !== undefined) path.push(into)
    path.push(to.downLink)
    return path
  }
}
