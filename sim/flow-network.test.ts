import { describe, expect, it } from 'vitest'
import { FlowNetwork, type FlowId } from './flow-network.ts'
import { Kernel } from './kernel.ts'

const MB = 1e6

function bench(options: { tolerance?: number } = {}) {
  const kernel = new Kernel()
  const network = new FlowNetwork(kernel, options)
  const done: [name: string, atMs: number][] = []
  const finished = (_flow: FlowId, name: string): void => {
    done.push([name, kernel.nowMs])
  }
  const start = (path: number[], bytes: number, name = '', capBps = Infinity): FlowId =>
    network.startVia(path, bytes, capBps, finished, name, undefined)
  return { kernel, network, done, start }
}

describe('FlowNetwork', () => {
  it('sends one flow at the speed of its narrower link', () => {
    const { kernel, network, done, start } = bench()
    const flow = start([network.addLink(2 * MB), network.addLink(1 * MB)], 3 * MB, 'only')
    expect(network.rate(flow)).toBe(1 * MB)
    kernel.run()
    expect(done).toEqual([['only', 3000]])
    expect(network.isActive(flow)).toBe(false)
    expect(network.active).toBe(0)
  })

  it('shares a link equally and speeds up what is left', () => {
    const { kernel, network, done, start } = bench()
    const up = network.addLink(1 * MB)
    start([up, network.addLink(5 * MB)], 1 * MB, 'short')
    start([up, network.addLink(5 * MB)], 3 * MB, 'long')
    kernel.run()
    // Half each until 2 s, then 2 MB left at full speed.
    expect(done).toEqual([
      ['short', 2000],
      ['long', 4000],
    ])
  })

  it('gives the textbook line network its max-min rates', () => {
    const { network, start } = bench()
    const links = [network.addLink(10), network.addLink(4), network.addLink(9)]
    const across = start(links, 1e9)
    const first = start([links[0]], 1e9)
    const second = start([links[1]], 1e9)
    const third = start([links[2]], 1e9)
    expect([across, first, second, third].map((flow) => network.rate(flow))).toEqual([2, 8, 2, 7])
    expect(links.map((link) => network.linkUsage(link))).toEqual([10, 4, 9])
    expect(links.map((link) => network.share(link))).toEqual([8, 2, 7])
    expect(links.map((link) => network.flowsOn(link))).toEqual([2, 2, 2])
  })

  it('holds a flow at its cap and leaves the rest to the others', () => {
    const { kernel, network, done, start } = bench()
    const up = network.addLink(10)
    const capped = start([up], 20, 'capped', 2)
    const free = start([up], 80, 'free')
    expect([network.rate(capped), network.rate(free)]).toEqual([2, 8])
    expect(network.share(up)).toBe(8)
    kernel.run()
    expect(done.map(([name]) => name).sort()).toEqual(['capped', 'free'])
    expect(done.map(([, atMs]) => atMs)).toEqual([10_000, 10_000])
  })

  it('reports no share for a link that limits nobody', () => {
    const { network, start } = bench()
    const up = network.addLink(10)
    const down = network.addLink(20)
    start([up, down], 100)
    expect(network.share(up)).toBe(10)
    expect(network.share(down)).toBe(Infinity)
    expect(network.linkUsage(down)).toBe(10)
  })

  it('settles the bytes of an aborted flow and frees its share', () => {
    const { kernel, network, done, start } = bench()
    const up = network.addLink(100)
    const victim = start([up], 1000, 'victim')
    start([up], 1000, 'other')
    kernel.schedule(4000, () => {
      expect(network.bytesSent(victim)).toBeCloseTo(200, 9)
      expect(network.bytesRemaining(victim)).toBeCloseTo(800, 9)
      expect(network.abort(victim)).toBeCloseTo(200, 9)
      expect(network.abort(victim)).toBe(0)
    })
    kernel.run()
    expect(done).toEqual([['other', 12_000]])
    expect(network.counters()).toMatchObject({ starts: 2, completions: 1, aborts: 1 })
    expect(kernel.pending).toBe(0)
  })

  it('leaves no event behind when its last flow is aborted', () => {
    const { kernel, network, start } = bench()
    const flow = start([network.addLink(1)], 1000)
    kernel.run(1000)
    expect(network.abort(flow)).toBeCloseTo(1, 9)
    kernel.run()
    expect(kernel.nowMs).toBe(1000)
    expect(kernel.pending).toBe(0)
  })

  it('stalls flows on a link of capacity 0 and resumes them', () => {
    const { kernel, network, done, start } = bench()
    const up = network.addLink(100)
    const flow = start([up], 300, 'patient')
    kernel.schedule(1000, () => network.setCapacity(up, 0))
    kernel.schedule(5000, () => {
      expect(network.rate(flow)).toBe(0)
      expect(network.bytesSent(flow)).toBeCloseTo(100, 9)
      network.setCapacity(up, 50)
    })
    kernel.run()
    expect(done).toEqual([['patient', 9000]])
  })

  it('starts a flow on a stalled link once the link comes back', () => {
    const { kernel, network, done, start } = bench()
    const up = network.addLink(0)
    start([up, network.addLink(100)], 100, 'late')
    kernel.run(10_000)
    expect(done).toEqual([])
    network.setCapacity(up, 200)
    kernel.run()
    expect(done).toEqual([['late', 11_000]])
  })

  it('finishes flows of 0 bytes at once, stalled or not', () => {
    const { kernel, network, done, start } = bench()
    start([network.addLink(0)], 0, 'empty')
    kernel.run()
    expect(done).toEqual([['empty', 0]])
  })

  it('ends equal flows together, in the order of starting', () => {
    const { kernel, network, done, start } = bench()
    const up = network.addLink(1 * MB)
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    for (const name of names) start([up, network.addLink(5 * MB)], 1 * MB, name)
    kernel.run()
    expect(done.map(([name]) => name)).toEqual(names)
    expect(new Set(done.map(([, atMs]) => atMs)).size).toBe(1)
    expect(done[0][1]).toBeCloseTo(7000, 9)
  })

  it('keeps the order of starting when indices are reused in another order', () => {
    const { kernel, network, done, start } = bench()
    const up = network.addLink(1 * MB)
    const old = [1, 2, 3, 4].map(() => start([up], 1 * MB))
    for (const flow of old) network.abort(flow)
    for (const name of ['a', 'b', 'c', 'd']) start([up], 1 * MB, name)
    kernel.run()
    expect(done.map(([name]) => name)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('lets a callback abort a flow that is due at the same instant', () => {
    const { kernel, network, done } = bench()
    const up = network.addLink(100)
    const ids: FlowId[] = []
    const sent: number[] = []
    const onDone = (_flow: FlowId, name: string): void => {
      done.push([name, kernel.nowMs])
      sent.push(network.abort(ids[1]))
    }
    ids.push(network.startVia([up], 100, Infinity, onDone, 'first', 0))
    ids.push(network.startVia([up], 100, Infinity, onDone, 'second', 0))
    kernel.run()
    expect(done).toEqual([['first', 2000]])
    expect(sent).toEqual([100])
  })

  it('solves once for many starts at one instant', () => {
    const { kernel, network } = bench()
    const up = network.addLink(1000)
    kernel.schedule(5, () => {
      for (let i = 0; i < 50; i++)
        network.start(up, network.addLink(1000), 1e6, Infinity, () => undefined, 0, 0)
    })
    kernel.run(6)
    expect(network.counters().linkVisits).toBe(1)
    expect(network.linkUsage(up)).toBeCloseTo(1000, 9)
  })

  it('leaves a crowded link alone while its share is off by less than the tolerance', () => {
    const { kernel, network, start } = bench({ tolerance: 1e-3 })
    const up = network.addLink(1e9)
    const crowd = Array.from({ length: 4000 }, () => start([up, network.addLink(1e7)], 1e9))
    network.settle()
    const visits = network.counters().linkVisits
    for (let i = 0; i < 40; i++) {
      kernel.run(kernel.nowMs + 1)
      crowd.push(start([up, network.addLink(1e7)], 1e9))
      expect(Math.abs(network.rate(crowd[i]) / (1e9 / crowd.length) - 1)).toBeLessThanOrEqual(1e-3)
      expect(network.linkUsage(up)).toBeLessThanOrEqual(1.001e9 + 1e-3)
    }
    expect(network.counters().linkVisits - visits).toBeLessThanOrEqual(10)
  })

  it('reuses indices without confusing old ids with new flows', () => {
    const { kernel, network, start } = bench()
    const up = network.addLink(100)
    const old = start([up], 100)
    kernel.run()
    const young = start([up], 100)
    expect(young).not.toBe(old)
    expect(network.abort(old)).toBe(0)
    expect(network.isActive(young)).toBe(true)
    expect(() => network.rate(old)).toThrow(/invalid flow: .*isActive/)
  })

  it('follows a chain of starts from callbacks', () => {
    const { kernel, network } = bench()
    const up = network.addLink(1 * MB)
    const down = network.addLink(1 * MB)
    let rounds = 0
    const again = (): void => {
      if (++rounds < 1000) network.start(up, down, 1000, Infinity, again, 0, 0)
    }
    network.start(up, down, 1000, Infinity, again, 0, 0)
    kernel.run()
    expect(rounds).toBe(1000)
    expect(kernel.nowMs).toBeCloseTo(1000, 6)
  })

  it('refuses what it cannot model, quoting the value', () => {
    const { network, start } = bench()
    const up = network.addLink(1)
    expect(() => network.addLink(-1)).toThrow(
      'invalid capacityBps: -1 (allowed 0 or more bytes per second, finite)',
    )
    expect(() => network.addLink(Infinity)).toThrow(/capacityBps/)
    expect(() => network.setCapacity(up, NaN)).toThrow(/capacityBps/)
    expect(() => start([up, 7], 1)).toThrow(/invalid link: 7/)
    expect(() => start([up, up], 1)).toThrow(/invalid path: 0,?\s?0/)
    expect(() => start([], 1)).toThrow(/invalid number of links: 0/)
    expect(() => start([up], -1)).toThrow(/invalid bytes: -1/)
    expect(() => start([up], 1, '', 0)).toThrow(/invalid capBps: 0/)
    expect(() => new FlowNetwork(new Kernel(), { tolerance: 0 })).toThrow(/invalid tolerance: 0/)
  })
})
