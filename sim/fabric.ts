import type { Address } from '../peer/protocol/ids.ts'
import type { Random } from '../peer/ports/random.ts'
import { Cuts } from './cuts.ts'
import { SimNetworkError } from './errors.ts'
import type { FlowNetwork } from './flow-network.ts'
import { hash32 } from './hash.ts'
import { HostRecords } from './host-records.ts'
import { Bottlenecks } from './bottlenecks.ts'
import { LinkVariation } from './host-variation.ts'
import { Inboxes } from './inboxes.ts'
import type { Audit } from './invariants.ts'
import type { Kernel } from './kernel.ts'
import { LinkRecords } from './link-records.ts'
import type { NetworkSettings } from './network-settings.ts'
import { NoiseStream } from './noise-stream.ts'
import { Reachability, type RelaySettings } from './reachability.ts'
import { type HostSpec, type LineQuality, SimHost } from './sim-host.ts'
import { SimNetwork } from './sim-network.ts'
import { retransmitMs } from './tcp.ts'
import type { Tracer } from './trace.ts'
import { TracedNetwork } from './traced-network.ts'
import { Unread } from './unread.ts'
import { UplinkQueues } from './uplink-queue.ts'

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

const RELAY_ADDRESS = 'relay.sim:3478'

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
  readonly bottlenecks: Bottlenecks
  readonly reachability: Reachability
  /** Forwards between peers that cannot connect; undefined where nobody does. */
  readonly relay: SimHost | undefined
  readonly links = new LinkRecords()
  /** Records of the nodes' hosts, by the nodes' numbers. */
  readonly hosts = new HostRecords()
  /** What control messages wait in before they leave a host; undefined where each is sent at once. */
  readonly upQueues: UplinkQueues | undefined
  readonly inboxes: Inboxes
  readonly ledger: ByteLedger = { offered: 0, sent: 0, propagating: 0, arrived: 0, abandoned: 0 }
  readonly cuts: Cuts
  readonly unread: Unread
  /** Whether jitter or loss, of the whole network or of a line, make messages late. */
  isNoisy: boolean
  /** Whether some host's own line loses packets, or did. */
  hasLossyLines = false
  /** Whether every message is delivered as an event of its own, and checked. */
  readonly checksMessages: boolean
  readonly tracer: Tracer | undefined
  /** Control messages sent, and their bytes on the wire. */
  controlMessages = 0
  controlBytes = 0
  /** Attempts of peers to connect to peers, and those that came to a link. */
  readonly peerDials = { attempts: 0, up: 0 }
  readonly #nodes = new Map<Address, SimNetwork>()
  readonly #random: Random
  readonly #keySeed: number
  readonly #pathRttMs: (a: SimHost, b: SimHost) => number
  readonly #addsLastMile: boolean

  constructor(kernel: Kernel, flows: FlowNetwork, options: FabricOptions) {
    this.kernel = kernel
    this.flows = flows
    this.inboxes = new Inboxes(kernel, this.links)
    this.cuts = new Cuts(this)
    this.settings = options.settings
    const { uplinkQueue } = options.settings
    if (uplinkQueue.kind === 'fifo') this.upQueues = new UplinkQueues(flows, this.hosts, uplinkQueue.bufferMs)
    this.unread = new Unread(options.settings.maxWindowBytes)
    this.audit = options.audit
    this.bottlenecks = new Bottlenecks(flows, options.settings.transitBps, options.settings.isps)
    this.reachability = new Reachability(options.settings.reachability)
    this.isNoisy = options.settings.jitterShare > 0 || options.settings.lossRate > 0
    this.checksMessages = options.checksMessages || options.tracer !== undefined
    this.tracer = options.tracer
    this.#random = options.random
    this.#keySeed = hash32(options.seed)
    this.#pathRttMs = options.pathRttMs
    this.#addsLastMile = options.settings.rtt.kind !== 'matrix' || options.settings.rtt.addsLastMile
    this.relay = this.#relay(options.settings.reachability.relay)
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
    const host = new SimHost(
      spec,
      upLink,
      downLink,
      hash32(spec.address, this.#keySeed),
      this.hosts,
      sharing?.line,
    )
    const noise = new NoiseStream(this.#random.fork(spec.address).below(2 ** 32))
    const index = this.#nodes.size
    const node = this.tracer
      ? new TracedNetwork(this, index, host, noise, this.tracer)
      : new SimNetwork(this, index, host, noise)
    this.#nodes.set(spec.address, node)
    if (spec.variation) {
      node.variation = new LinkVariation(this, node, spec.variation)
      node.variation.follow()
    }
    return node
  }

  find(address: Address): SimNetwork | undefined {
    return this.#nodes.get(address)
  }

  /** Propagation delay between two hosts, both last miles counted; `relayed` over the relay. */
  oneWayMs(a: SimHost, b: SimHost, relayed = false): number {
    const rttMs =
      relayed && this.relay
        ? this.#pathRttMs(a, this.relay) + this.#pathRttMs(this.relay, b)
        : this.#pathRttMs(a, b)
    const linesMs = this.#addsLastMile ? a.lastMileMs + b.lastMileMs : 0
    return rttMs / 2 + linesMs + a.quality.addedMs + b.quality.addedMs
  }

  /** Packet loss between two hosts: the network's and what their own lines add. */
  lossRate(a: SimHost, b: SimHost): number {
    const { lossRate } = this.settings
    if (!this.hasLossyLines) return lossRate
    const one = a.quality.lossRate
    const other = b.quality.lossRate
    return one === 0 && other === 0 ? lossRate : 1 - (1 - lossRate) * (1 - one) * (1 - other)
  }

  /** Jitter and retransmissions of one control message. */
  noiseMs(oneWayMs: number, random: NoiseStream, lossRate = this.settings.lossRate): number {
    const { jitterShare } = this.settings
    let noiseMs = 0
    if (jitterShare > 0) noiseMs = -Math.log(1 - random.next()) * jitterShare * oneWayMs
    if (lossRate > 0)
      for (let timeoutMs = retransmitMs(2 * oneWayMs); random.next() < lossRate; timeoutMs *= 2)
        noiseMs += timeoutMs
    return noiseMs
  }

  /** Changes what a host's up-link carries, as a share of what its line has, from now on. */
  throttleUp(host: SimHost, share: number): void {
    host.upShare = share
    this.flows.setCapacity(host.upLink, carriedBps(host.upLineBps * share * host.quality.upShare))
  }

  /** Changes what a host's access line has, in bytes per second, from now on; never more than its nominal rates. */
  vary(host: SimHost, downBps: number, upBps: number): void {
    host.downLineBps = Math.min(downBps, host.downBps)
    this.flows.setCapacity(host.downLink, carriedBps(host.downLineBps * host.quality.downShare))
    const upLineBps = Math.min(upBps, host.upBps)
    if (upLineBps === host.upLineBps) return
    host.upLineBps = upLineBps
    this.throttleUp(host, host.upShare)
  }

  /** Changes how good a host's access line is, from now on; of another delay, only what leaves from now on knows. */
  setQuality(host: SimHost, quality: LineQuality): void {
    const isOtherDelay = quality.addedMs !== host.quality.addedMs
    const isOtherLoss = quality.lossRate !== host.quality.lossRate
    host.quality = quality
    // For good: lines that have been mended draw nothing, whatever this says.
    if (quality.lossRate > 0) this.isNoisy = this.hasLossyLines = true
    this.throttleUp(host, host.upShare)
    this.flows.setCapacity(host.downLink, carriedBps(host.downLineBps * quality.downShare))
    const node = this.#nodes.get(host.address)
    if (isOtherDelay) node?.remeasure()
    if (isOtherLoss) node?.remeasureTransfers()
  }

  #relay(settings: RelaySettings | null): SimHost | undefined {
    if (settings === null) return undefined
    const { region, capacityBps } = settings
    const link = this.flows.addLink(capacityBps)
    const spec = { address: RELAY_ADDRESS, region, upBps: capacityBps, downBps: capacityBps, lastMileMs: 0 }
    return new SimHost(spec, link, link, hash32(RELAY_ADDRESS, this.#keySeed))
  }
}

/** A line that would need years for a chunk carries nothing. */
const carriedBps = (bps: number): number => (bps < 1e-3 ? 0 : bps)
