import type { ChunkBody } from '../peer/ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler, Network } from '../peer/ports/network.ts'
import type { ChunkHeader, Message } from '../peer/protocol/messages.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { NetworkFabric, type FabricOptions } from './fabric.ts'
import { FlowNetwork } from './flow-network.ts'
import type { Audit } from './invariants.ts'
import { Kernel } from './kernel.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import type { HostSpec } from './sim-host.ts'
import type { SimNetwork } from './sim-network.ts'

/** Takes no violation for granted. */
export const failingAudit: Audit = {
  violate: (invariant, what) => {
    throw new Error(`${invariant}: ${what}`)
  },
}

/** Between any two hosts of a test fabric. */
export const TEST_RTT_MS = 40
const TEST_BPS = 1e6

export class TestFabric extends NetworkFabric {
  /** Adds a host of 1 MB/s each way and no last mile, but for what is given. */
  add(address: string, spec: Partial<HostSpec> = {}): SimNetwork {
    return this.addNode({
      address,
      region: 'eu-west',
      upBps: TEST_BPS,
      downBps: TEST_BPS,
      lastMileMs: 0,
      ...spec,
    })
  }
}

/** A quiet network of constant round-trip time, but for what is given. */
export function createTestFabric(options: Partial<FabricOptions> = {}): TestFabric {
  const kernel = new Kernel()
  return new TestFabric(kernel, new FlowNetwork(kernel), {
    settings: { ...NETWORK_DEFAULTS, jitterShare: 0 },
    random: new SeededRandom('network'),
    seed: 'test',
    pathRttMs: () => TEST_RTT_MS,
    audit: failingAudit,
    checksMessages: false,
    ...options,
  })
}

/** Writes down when it hears what. */
export class TestNode implements LinkHandler {
  readonly network: SimNetwork
  readonly log: string[] = []
  readonly links: Link[] = []
  readonly #fabric: TestFabric

  /** `through`: the port of a node that is there already, where others stand between. */
  constructor(fabric: TestFabric, address: string, spec?: Partial<HostSpec>, through?: Network) {
    this.#fabric = fabric
    this.network = fabric.find(address) ?? fabric.add(address, spec)
    ;(through ?? this.network).attach(this)
  }

  /** Connects and lets that happen. */
  connect(other: TestNode): Link {
    const link = this.network.connect(other.network.host.address)
    this.#fabric.kernel.run()
    this.log.length = other.log.length = 0
    return link
  }

  linkUp(link: Link): void {
    this.links.push(link)
    this.#note('up')
  }
  linkDown(_link: Link, reason: LinkDownReason): void {
    this.#note(reason)
  }
  message(_link: Link, message: Exclude<Message, ChunkHeader>): void {
    this.#note(message.type)
  }
  chunkBegins(_link: Link, { requestId }: ChunkHeader): void {
    this.#note(`begins ${requestId}`)
  }
  chunkArrived(_link: Link, { requestId }: ChunkHeader, _body: ChunkBody): void {
    this.#note(`arrived ${requestId}`)
  }
  chunkSent(_link: Link, requestId: number, sent: boolean): void {
    this.#note(`${sent ? 'sent' : 'given up'} ${requestId}`)
  }

  #note(what: string): void {
    this.log.push(`${what} @${Math.round(this.#fabric.kernel.nowMs * 1000) / 1000}`)
  }
}
