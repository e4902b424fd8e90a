import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { rankerContract } from '../peer/ports/ranker.contract.ts'
import { createTestFabric } from './fabric.testing.ts'
import { NETWORK_DEFAULTS, type NetworkSettings } from './network-settings.ts'
import { Oracle } from './oracle.ts'
import { OracleRanker } from './oracle-ranker.ts'
import { REACHABILITY_DEFAULTS } from './reachability.ts'

const peerIds = Array.from({ length: 40 }, (_, i) => i.toString(16).padStart(40, '0'))

/** Forty hosts; the later, the faster, in groups of four equals. */
function createOracle() {
  const fabric = createTestFabric()
  const oracle = new Oracle(fabric, 1e6)
  const hosts = peerIds.map((peerId, i) => {
    const { host } = fabric.add(`host-${i}`, { upBps: 1e5 * (1 + Math.floor(i / 4)), downBps: 1e8 })
    oracle.place(peerId, host)
    return host
  })
  return { fabric, oracle, hosts, records: fabric.hosts }
}

rankerContract(
  'OracleRanker',
  () => new OracleRanker(createOracle().oracle, new SeededRandom('oracle')),
  peerIds,
)

describe('Oracle', () => {
  const rank = (oracle: Oracle, ids: string[], place: 'peer' | 'tracker' = 'peer') => {
    const set = {
      place,
      requesterId: peerIds[0],
      count: ids.length,
      peerIds: ids,
      features: new Float32Array(),
    }
    return Array.from(new OracleRanker(oracle, new SeededRandom('o')).rank(set, ids.length).order)
  }

  it('prefers the faster seed until it is loaded', () => {
    const { oracle, hosts, records } = createOracle()
    const ids = [peerIds[8], peerIds[20]]
    expect(rank(oracle, ids)).toEqual([1, 0])
    records.countTransfer(hosts[20].number, hosts[0].number, 1)
    records.countRequests(hosts[20].number, 1)
    expect(rank(oracle, ids)).toEqual([0, 1])
  })

  it('counts links instead of transfers for the tracker', () => {
    const { oracle, hosts, records } = createOracle()
    const ids = [peerIds[8], peerIds[20]]
    for (let i = 0; i < 5; i++) records.countTransfer(hosts[20].number, hosts[0].number, 1)
    expect(rank(oracle, ids, 'tracker')).toEqual([1, 0])
    hosts[20].openLinks = 5
    expect(rank(oracle, ids, 'tracker')).toEqual([0, 1])
  })

  it('knows who cannot be reached, and what the way over a relay or a provider carries', () => {
    const goodput = (settings: Partial<NetworkSettings>) => {
      const fabric = createTestFabric({ settings: { ...NETWORK_DEFAULTS, jitterShare: 0, ...settings } })
      const oracle = new Oracle(fabric, 1e6)
      for (const [i, address] of ['a', 'b'].entries())
        oracle.place(peerIds[i], fabric.add(address, { nat: 'open', ...(i === 1 && { isp: 'x' }) }).host)
      return oracle.expectedGoodputBps(peerIds[0], peerIds[1], 'peer')
    }
    const unlucky = { ...REACHABILITY_DEFAULTS, connectSuccess: 0 }
    const relay = { region: 'eu-west', capacityBps: 50_000 }
    const isp = { name: 'x', region: null, share: 1, capacityBps: 20_000, insideRttShare: 1 }
    expect(goodput({ reachability: unlucky })).toBe(0)
    expect(goodput({})).toBeGreaterThan(500_000)
    expect(goodput({ reachability: { ...unlucky, relay } }) / 50_000).toBeCloseTo(1, 1)
    expect(goodput({ isps: [isp] }) / 20_000).toBeCloseTo(1, 1)
  })

  it('puts those last that are gone', () => {
    const { fabric, oracle } = createOracle()
    fabric.find('host-20')!.crash()
    expect(rank(oracle, [peerIds[20], peerIds[8]])).toEqual([1, 0])
    expect(oracle.expectedGoodputBps(peerIds[0], 'nobody', 'peer')).toBe(0)
  })
})
