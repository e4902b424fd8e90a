import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { rankerContract } from '../peer/ports/ranker.contract.ts'
import { createTestFabric } from './fabric.testing.ts'
import { Oracle } from './oracle.ts'
import { OracleRanker } from './oracle-ranker.ts'

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
  return { fabric, oracle, hosts }
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
    const { oracle, hosts } = createOracle()
    const ids = [peerIds[8], peerIds[20]]
    expect(rank(oracle, ids)).toEqual([1, 0])
    hosts[20].uploads = 1
    hosts[20].pendingRequests = 1
    expect(rank(oracle, ids)).toEqual([0, 1])
  })

  it('counts links instead of transfers for the tracker', () => {
    const { oracle, hosts } = createOracle()
    const ids = [peerIds[8], peerIds[20]]
    hosts[20].uploads = 5
    expect(rank(oracle, ids, 'tracker')).toEqual([1, 0])
    hosts[20].openLinks = 5
    expect(rank(oracle, ids, 'tracker')).toEqual([0, 1])
  })

  it('puts those last that are gone', () => {
    const { fabric, oracle } = createOracle()
    fabric.find('host-20')!.crash()
    expect(rank(oracle, [peerIds[20], peerIds[8]])).toEqual([1, 0])
    expect(oracle.expectedGoodputBps(peerIds[0], 'nobody', 'peer')).toBe(0)
  })
})
