import { describe, expect, it } from 'vitest'
import { type TestFabric, TEST_RTT_MS, createTestFabric } from './fabric.testing.ts'
import { hash32 } from './hash.ts'
import { NAT_DEFAULTS, type NatType } from './nat.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import { REACHABILITY_DEFAULTS, Reachability, type ReachabilitySettings } from './reachability.ts'
import { SimHost } from './sim-host.ts'

const peer = (address: string, nat?: NatType) =>
  new SimHost(
    { address, region: 'eu-west', upBps: 1, downBps: 1, lastMileMs: 0, ...(nat && { nat }) },
    0,
    1,
    hash32(address),
  )
const reachability = (settings: Partial<ReachabilitySettings>) =>
  new Reachability({ ...REACHABILITY_DEFAULTS, ...settings })
const HOSTS = Array.from({ length: 200 }, (_, i) => peer(`peer-${i}`, 'open'))

/** Share of the pairs of hosts that connect. */
function successShare(of: Reachability, hosts = HOSTS): number {
  let [dials, ok] = [0, 0]
  for (const dialler of hosts)
    for (const acceptor of hosts) {
      if (dialler === acceptor) continue
      dials++
      if (of.route(dialler, acceptor) === 'direct') ok++
    }
  return ok / dials
}

describe('Reachability', () => {
  it('lets the configured share of attempts between peers succeed', () => {
    for (const draw of ['pair', 'attempt'] as const)
      expect(successShare(reachability({ connectSuccess: 0.35, draw }))).toBeCloseTo(0.35, 1.5)
  })

  it('keeps a pair’s luck, in both directions, or draws for every attempt', () => {
    const ofPairs = reachability({ connectSuccess: 0.5 })
    const ofAttempts = reachability({ connectSuccess: 0.5, draw: 'attempt' })
    const again = (of: Reachability) =>
      HOSTS.slice(1).filter((host) => of.route(HOSTS[0], host) === of.route(host, HOSTS[0])).length
    expect(again(ofPairs)).toBe(HOSTS.length - 1)
    expect(again(ofAttempts)).toBeLessThan(HOSTS.length * 0.65)
    expect(again(ofAttempts)).toBeGreaterThan(HOSTS.length * 0.35)
  })

  it('connects pairs of NAT types as their chance has it', () => {
    const of = reachability({ nat: NAT_DEFAULTS })
    const restricted = HOSTS.map(({ address }) => peer(address, 'port-restricted'))
    expect(successShare(of, restricted)).toBeCloseTo(NAT_DEFAULTS.punchSuccess, 1.5)
    const symmetric = HOSTS.map(({ address }) => peer(address, 'symmetric'))
    expect(successShare(of, symmetric)).toBe(0)
  })

  it('never stands between a peer and a server', () => {
    const of = reachability({ connectSuccess: 0, nat: NAT_DEFAULTS })
    const server = peer('tracker')
    expect(of.route(peer('a', 'symmetric'), server)).toBe('direct')
    expect(of.route(server, peer('a', 'symmetric'))).toBe('direct')
    expect(of.route(peer('a', 'open'), peer('b', 'open'))).toBe('none')
  })
})

describe('on the network', () => {
  const CHUNK_BYTES = 100_000

  function twoPeers(settings: Partial<ReachabilitySettings>) {
    const fabric = createTestFabric({
      settings: {
        ...NETWORK_DEFAULTS,
        jitterShare: 0,
        slowStart: false,
        reachability: { ...REACHABILITY_DEFAULTS, ...settings },
      },
    })
    return { fabric, a: new Listener(fabric, 'a'), b: new Listener(fabric, 'b') }
  }

  it('an attempt that fails is unreachable after the time-out, and the other side hears nothing', () => {
    const { fabric, a, b } = twoPeers({ connectSuccess: 0 })
    a.network.connect('b')
    fabric.kernel.run()
    expect(a.log).toEqual([`unreachable @${NETWORK_DEFAULTS.connectTimeoutMs}`])
    expect(b.log).toEqual([])
  })

  it('a relay carries what cannot connect: two paths long, and at its capacity', () => {
    const capacityBps = 50_000
    const { fabric, a, b } = twoPeers({ connectSuccess: 0, relay: { region: 'eu-west', capacityBps } })
    const link = a.network.connect('b')
    fabric.kernel.run()
    expect(a.log).toEqual([`up @${2 * TEST_RTT_MS}`])
    expect(link.rttMs).toBe(2 * TEST_RTT_MS)
    const startMs = fabric.kernel.nowMs
    const header = {
      type: 'chunk',
      requestId: 1,
      chunk: 0,
      bytes: CHUNK_BYTES,
      active: 0,
      queued: 0,
    } as const
    a.network.sendChunk(link, header, { bytes: CHUNK_BYTES })
    fabric.kernel.run()
    const tookMs = fabric.kernel.nowMs - startMs
    expect(tookMs).toBeGreaterThan((1000 * CHUNK_BYTES) / capacityBps)
    expect(tookMs).toBeLessThan((1010 * CHUNK_BYTES) / capacityBps + TEST_RTT_MS)
    expect(b.log.length).toBe(1)
  })
})

/** A peer behind nothing that writes down how its links come and go. */
class Listener {
  readonly log: string[] = []
  readonly network
  readonly #fabric: TestFabric

  constructor(fabric: TestFabric, address: string) {
    this.#fabric = fabric
    this.network = fabric.add(address, { nat: 'open' })
    this.network.attach(this)
  }

  linkUp(): void {
    this.log.push(`up @${this.#fabric.kernel.nowMs}`)
  }
  linkDown(_link: unknown, reason: string): void {
    this.log.push(`${reason} @${this.#fabric.kernel.nowMs}`)
  }
  message(): void {}
  chunkBegins(): void {}
  chunkArrived(): void {}
  chunkSent(): void {}
}
