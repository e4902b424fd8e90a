import { describe, expect, it } from 'vitest'
import { Bottlenecks, drawIsp, type Isp } from './bottlenecks.ts'
import { FlowNetwork } from './flow-network.ts'
import { Kernel } from './kernel.ts'
import { SimHost } from './sim-host.ts'

const isp = (name: string, changes: Partial<Isp> = {}): Isp => ({
  name,
  region: null,
  share: 0.5,
  capacityBps: 1e6,
  insideRttShare: 1,
  ...changes,
})

function world(transitBps: Record<string, number>, isps: Isp[]) {
  const flows = new FlowNetwork(new Kernel())
  const bottlenecks = new Bottlenecks(flows, transitBps, isps)
  const host = (region: string, ispName?: string) => {
    const spec = { address: 'x', region, upBps: 1e9, downBps: 1e9, lastMileMs: 0 }
    return new SimHost(
      ispName === undefined ? spec : { ...spec, isp: ispName },
      flows.addLink(1e9),
      flows.addLink(1e9),
      0,
    )
  }
  /** Names of what a transfer crosses between the access links. */
  const crossed = (from: SimHost, to: SimHost, relay?: number) =>
    bottlenecks
      .path(from, to, relay)
      ?.slice(1, -1)
      .map((link) => bottlenecks.links.find(([, other]) => other === link)?.[0] ?? 'relay')
  return { flows, bottlenecks, host, crossed }
}

describe('Bottlenecks', () => {
  it('lie between a provider’s hosts and all others, not among them', () => {
    const { host, crossed } = world({}, [isp('a'), isp('b'), isp('wide', { capacityBps: null })])
    const [a1, a2, b, wide, none] = ['a', 'a', 'b', 'wide', undefined].map((name) => host('latam', name))
    expect(crossed(a1, a2)).toBeUndefined()
    expect(crossed(a1, b)).toEqual(['a', 'b'])
    expect(crossed(b, wide)).toEqual(['b'])
    expect(crossed(none, a2)).toEqual(['a'])
    expect(crossed(wide, none)).toBeUndefined()
  })

  it('lie between regions, for hosts without a narrower provider', () => {
    const { host, crossed } = world({ latam: 1e6 }, [isp('a', { region: 'africa' })])
    expect(crossed(host('latam'), host('latam'))).toBeUndefined()
    expect(crossed(host('latam'), host('africa', 'a'))).toEqual(['latam', 'a'])
    expect(crossed(host('africa', 'a'), host('oceania'))).toEqual(['a'])
  })

  it('leave room for a relay', () => {
    const { flows, host, crossed } = world({}, [isp('a'), isp('b')])
    const relay = flows.addLink(1e6)
    expect(crossed(host('latam', 'a'), host('latam', 'a'), relay)).toEqual(['a', 'relay'])
    expect(crossed(host('latam', 'a'), host('latam', 'b'), relay)).toEqual(['a', 'relay'])
    expect(crossed(host('latam'), host('latam', 'b'), relay)).toEqual(['relay', 'b'])
    expect(crossed(host('latam'), host('latam'), relay)).toEqual(['relay'])
  })

  it('limit inside max-min what all transfers of a provider get together', () => {
    const { flows, bottlenecks, host } = world({}, [isp('a', { capacityBps: 90_000 })])
    const send = (to: SimHost) =>
      flows.startVia(bottlenecks.path(host('latam', 'a'), to)!, 1e9, Infinity, () => {}, 0, 0)
    const rates = [host('latam'), host('latam'), host('africa')].map(send).map((flow) => flows.rate(flow))
    for (const rate of rates) expect(rate).toBeCloseTo(30_000, 0)
  })
})

it('draws providers by their share of the region’s hosts', () => {
  const isps = [isp('any', { share: 0.2 }), isp('local', { region: 'latam', share: 0.5 })]
  const draws = [0, 0.19, 0.21, 0.69, 0.71]
  expect(draws.map((draw) => drawIsp(isps, 'latam', draw))).toEqual([
    'any',
    'any',
    'local',
    'local',
    undefined,
  ])
  expect(draws.map((draw) => drawIsp(isps, 'africa', draw))).toEqual([
    'any',
    'any',
    ...Array(3).fill(undefined),
  ])
})
