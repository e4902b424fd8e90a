import type { Address } from '../peer/protocol/ids.ts'
import type { Random } from '../peer/ports/random.ts'
import { SimNetworkError } from './errors.ts'
import type { FlowNetwork, LinkIndex } from './flow-network.ts'
import { hash32 } from './hash.ts'
import { Inboxes } from './inboxes.ts'
import type { Audit } from './invariants.ts'
import type { Kernel } from './kernel.ts'
import type { LinkEnd } from './link-end.ts'
import { LinkRecords } from './link-records.ts'
import type { NetworkSettings } from './network-settings.ts'
import { NoiseStream } from './noise-stream.ts'
import { type HostSpec, SimHost } from './sim-host.ts'
import { SimNetwork } from './sim-network.ts'
import { retransmitMs } from './tcp.ts'
import type { Tracer } from './trace.ts'
import { TracedNetwork } from './traced-network.ts'
import { TransitLinks } from './transit-links.ts'
import { UplinkQueue } from './uplink-queue.ts'

export interface FabricOptions {
  readonly settings: NetworkSettings
  /** Names the hosts' keys and all draws of the network. */
  readonly random: Random
  readonly seed: string
  /** Round-trip time between two hosts in milliseconds, last miles not counted; the same whenever it is asked. */
  readonly pathRttMs: (a: SimHost, b: SimHost) => number
  readonly audit: Audit
  /** Whether every message's arrival is checked; costs an object a message. */
  readonly checksMessages: boolean
  /** Who is told of all that happens. */
  readonly tracer?: Tracer | undefined
}

/** Payload bytes of chunk transfers, by what became of them. */
export interface ByteLedger {
  offered: number
  /** Of chunks that have left their sender whole; they are `propagating` until they have arrived. */
  sent: number
  propagating: number
  arrived: number
  abandoned: number
}

/** What all nodes of a simulated network share: the kernel, the flows, and who is where. */
export class NetworkFabric {
  readonly kernel: Kernel
  readonly flows: FlowNetwork
  readonly settings: NetworkSettings
  readonly audit: Audit
  readonly transit: TransitLinks
  readonly links = new LinkRecords()
  readonly inboxes: Inboxes
  readonly ledger: ByteLedger = { offered: 0, sent: 0, propagating: 0, arrived: 0, abandoned: 0 }
  readonly isNoisy: boolean
  /** Whether every message is delivered as an event of its own, and checked. */
  readonly checksMessages: boolean
  readonly tracer: Tracer | undefined
  /** Control messages sent, and their bytes on the wire. */
  controlMessages = 0
  controlBytes = 0
  readonly #nodes = new Map<Address, SimNetwork>()
  readonly #random: Random
  readonly #keySeed: number
  readonly #pathRttMs: (a: SimHost, b: SimHost) => number

  constructor(kernel: Kernel, flows: FlowNetwork, options: FabricOptions) {
    this.kernel = kernel
    this.flows = flows
    this.inboxes = new Inboxes(kernel, this.links)
    this.settings = options.settings
    this.audit = options.audit
    this.transit = new TransitLinks(flows, options.settings.transitBps)
    this.isNoisy = options.settings.jitterShare > 0 || options.settings.lossRate > 0
    this.checksMessages = options.checksMessages || options.tracer !== undefined
    this.tracer = options.tracer
    this.#random = options.random
    this.#keySeed = hash32(options.seed)
    this.#pathRttMs = options.pathRttMs
  }

  get nodes(): Iterable<SimNetwork> {
    return this.#nodes.values()
  }

  /** Adds a host with one node on it; with `sharing`, on the access line of another host. */
  addNode(spec: HostSpec, sharing?: SimHost): SimNetwork {
    if (this.#nodes.has(spec.address))
      throw new SimNetworkError(`invalid address: ${spec.address} (taken; addresses are unique)`)
    const upLink = sharing ? sharing.upLink : this.flows.addLink(spec.upBps)
    const downLink = sharing ? sharing.downLink : this.flows.addLink(spec.downBps)
    const upQueue = sharing ? sharing.upQueue : this.#queueAt(upLink, spec.upBps)
    const host = new SimHost(spec, upLink, downLink, hash32(spec.address, this.#keySeed), upQueue)
    const noise = new NoiseStream(this.#random.fork(spec.address).below(2 ** 32))
    const index = this.#nodes.size
    const node = this.tracer
      ? new TracedNetwork(this, index, host, noise, this.tracer)
      : new SimNetwork(this, index, host, noise)
    this.#nodes.set(spec.address, node)
    return node
  }

  find(address: Address): SimNetwork | undefined {
    return this.#nodes.get(address)
  }

  /** Propagation delay between two hosts, both last miles counted. */
  oneWayMs(a: SimHost, b: SimHost): number {
    return this.#pathRttMs(a, b) / 2 + a.lastMileMs + b.lastMileMs
  }

  /** Jitter and retransmissions of one control message. */
  noiseMs(oneWayMs: number, random: NoiseStream): number {
    const { jitterShare, lossRate } = this.settings
    let noiseMs = 0
    if (jitterShare > 0) noiseMs = -Math.log(1 - random.next()) * jitterShare * oneWayMs
    if (lossRate > 0)
      for (let timeoutMs = retransmitMs(2 * oneWayMs); random.next() < lossRate; timeoutMs *= 2)
        noiseMs += timeoutMs
    return noiseMs
  }

  /**
   * When a control message of `bytes` that leaves the end of a link now arrives at the other side: after what was sent
   * before over the line and over the link.
   */
  arrivalMs({ slot, network }: LinkEnd, bytes: number, noiseMs: number): number {
    const { nowMs } = this.kernel
    const startMs = network.host.upQueue?.startMs(nowMs, bytes) ?? nowMs
    return this.links.nextArrivalMs(slot, startMs, bytes, noiseMs)
  }

  #queueAt(upLink: LinkIndex, upBps: number): UplinkQueue | undefined {
    const { uplinkQueue } = this.settings
    if (uplinkQueue.kind === 'none') return undefined
    return new UplinkQueue(this.flows, upLink, upBps, uplinkQueue.bufferMs)
  }

  /** Changes what a host's up-link carries, as a share of its nominal rate, from now on. */
  throttleUp(host: SimHost, share: number): void {
    host.upShare = share
    this.flows.setCapacity(host.upLink, host.upBps * share)
  }
}
