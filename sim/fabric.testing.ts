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
