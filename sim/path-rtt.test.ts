import { expect, it } from 'vitest'
import { createTestFabric } from './fabric.testing.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import { pathRtt } from './path-rtt.ts'

const MATRIX = {
  kind: 'matrix',
  ms: [
    [5, 10, 20],
    [10, 5, 40],
    [20, 40, 8],
  ],
  addsLastMile: false,
} as const

function hosts(settings: Parameters<typeof createTestFabric>[0] = {}) {
  const fabric = createTestFabric(settings)
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((address) => fabric.add(address, { lastMileMs: 7 }).host)
  return { fabric, a, b, c, d }
}

it('takes round-trip times from the nodes of a matrix, in the order in which hosts come', () => {
  const { a, b, c, d } = hosts()
  const rttMs = pathRtt({ rtt: { ...MATRIX, nodes: 'index' }, isps: [] })
  expect([rttMs(a, b), rttMs(b, c), rttMs(c, a), rttMs(a, d)]).toEqual([10, 40, 20, 5])
})

it('places hosts at nodes at random, the same at any time', () => {
  const fabric = createTestFabric()
  const many = Array.from({ length: 300 }, (_, i) => fabric.add(`peer-${i}`).host)
  const rttMs = pathRtt({ rtt: { ...MATRIX, nodes: 'random' }, isps: [] })
  // Two hosts at one node are 5 or 8 apart; each node has a third of them.
  const together = many.slice(1).filter((host) => rttMs(many[0], host) < 9).length
  expect(together / 299).toBeCloseTo(1 / 3, 1)
  expect(rttMs(many[0], many[1])).toBe(rttMs(many[1], many[0]))
})

it('counts last miles on top of a matrix only where the config says so', () => {
  const delayMs = (addsLastMile: boolean) => {
    const rtt = { ...MATRIX, nodes: 'index', addsLastMile } as const
    const { fabric, a, b } = hosts({
      settings: { ...NETWORK_DEFAULTS, rtt },
      pathRttMs: pathRtt({ rtt, isps: [] }),
    })
    return fabric.oneWayMs(a, b)
  }
  expect([delayMs(false), delayMs(true)]).toEqual([5, 19])
})

it('is shorter within a provider where the config says so', () => {
  const isps = [{ name: 'x', region: null, share: 1, capacityBps: null, insideRttShare: 0.25 }]
  const fabric = createTestFabric()
  const [a, b, c] = ['x', 'x', 'y'].map((isp, i) => fabric.add(`host-${i}`, { isp }).host)
  const rttMs = pathRtt({ rtt: { kind: 'constant', ms: 80 }, isps })
  expect([rttMs(a, b), rttMs(a, c)]).toEqual([20, 80])
})
