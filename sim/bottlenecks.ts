import type { FlowNetwork, LinkIndex } from './flow-network.ts'
import type { SimHost } from './sim-host.ts'

/** A provider of access: some of the hosts of a region, or of all regions, and what they share. */
export interface Isp {
  readonly name: string
  /** Region of its hosts; null: any. */
  readonly region: string | null
  /** Share of the region's hosts that it connects, 0 to 1. */
  readonly share: number
  /** Bytes per second, each way, that its hosts share towards all others; null: no bottleneck. */
  readonly capacityBps: number | null
  /** Round-trip time between two of its hosts, last miles not counted, as a share of what the region has. */
  readonly insideRttShare: number
}

/** What a group of hosts shares towards all others: one link each way. */
interface Group {
  readonly out: LinkIndex
  readonly into: LinkIndex
}

/**
 * Shared bottlenecks inside max-min: of providers, and of regions' transit. A host belongs to one group at most, its
 * provider's before its region's.
 */
export class Bottlenecks {
  /** Links of all groups, with the group's name. */
  readonly links: (readonly [name: string, link: LinkIndex])[] = []
  readonly #ofIsp = new Map<string, Group>()
  readonly #ofRegion = new Map<string, Group>()

  constructor(flows: FlowNetwork, transitBps: Readonly<Record<string, number>>, isps: readonly Isp[]) {
    const add = (name: string, capacityBps: number): Group => {
      const group = { out: flows.addLink(capacityBps), into: flows.addLink(capacityBps) }
      this.links.push([name, group.out], [name, group.into])
      return group
    }
    for (const region of Object.keys(transitBps).sort())
      this.#ofRegion.set(region, add(region, transitBps[region]))
    for (const { name, capacityBps } of isps)
      if (capacityBps !== null) this.#ofIsp.set(name, add(name, capacityBps))
  }

  get isAny(): boolean {
    return this.links.length > 0
  }

  /**
   * The links that a transfer crosses, or undefined where those are the two access links only. A transfer over a relay
   * crosses one group's link at most, the sender's before the receiver's: a path has four links.
   */
  path(from: SimHost, to: SimHost, relay?: LinkIndex): LinkIndex[] | undefined {
    if (this.links.length === 0 && relay === undefined) return undefined
    const [sender, receiver] = [this.#groupOf(from), this.#groupOf(to)]
    const crosses = sender !== receiver || relay !== undefined
    const path = [from.upLink]
    if (sender && crosses) path.push(sender.out)
    if (relay !== undefined) path.push(relay)
    if (receiver && crosses && path.length < 3) path.push(receiver.into)
    path.push(to.downLink)
    return path.length > 2 ? path : undefined
  }

  #groupOf({ isp, region }: SimHost): Group | undefined {
    return (isp === undefined ? undefined : this.#ofIsp.get(isp)) ?? this.#ofRegion.get(region)
  }
}

/** The provider of a host of `region`, or undefined where the draw (0 to 1) falls to none. */
export function drawIsp(isps: readonly Isp[], region: string, draw: number): string | undefined {
  let left = draw
  for (const isp of isps) {
    if (isp.region !== null && isp.region !== region) continue
    left -= isp.share
    if (left < 0) return isp.name
  }
  return undefined
}
