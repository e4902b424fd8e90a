import { describe, expect, it } from 'vitest'
import type { CapacityTrace } from './capacity-trace.ts'
import { createTestFabric } from './fabric.testing.ts'
import { drawVariation, type HostVariation } from './host-variation.ts'

const TRACE = { durationsMs: [1000, 3000], bps: [40_000, 8000] }
const NOMINAL = { upBps: 1000, downBps: 100_000 }

describe('drawVariation', () => {
  it('takes the trace’s rates, or its changes at the class’s mean', () => {
    const draw = (rates: 'trace' | 'class', links: 'down' | 'both') =>
      drawVariation({ traces: [TRACE], rates, links }, NOMINAL, 0, 0.5)
    expect(draw('trace', 'down')).toEqual({
      variation: { trace: TRACE, offsetMs: 2000, downScale: 1, upScale: 0 },
      upBps: 1000,
      downBps: 40_000,
    })
    // The mean is 16 kB/s.
    expect(draw('class', 'both')).toEqual({
      variation: { trace: TRACE, offsetMs: 2000, downScale: 6.25, upScale: 0.0625 },
      upBps: 2500,
      downBps: 250_000,
    })
  })

  it('takes each trace with equal chances', () => {
    const traces: CapacityTrace[] = [TRACE, { durationsMs: [1], bps: [1] }]
    const chosen = [0, 0.49, 0.5, 0.99].map(
      (draw) => drawVariation({ traces, rates: 'trace', links: 'down' }, NOMINAL, draw, 0).variation.trace,
    )
    expect(chosen.map((trace) => traces.indexOf(trace))).toEqual([0, 0, 1, 1])
  })
})

describe('a host with a trace', () => {
  const variation: HostVariation = { trace: TRACE, offsetMs: 500, downScale: 1, upScale: 0.5 }

  function start() {
    const fabric = createTestFabric()
    const node = fabric.add('a', { upBps: 20_000, downBps: 30_000, variation })
    const { host } = node
    const capacities = () => [fabric.flows.capacity(host.downLink), fabric.flows.capacity(host.upLink)]
    return { fabric, node, capacities }
  }

  it('has the trace’s capacities, looped, and never more than its line carries', () => {
    const { fabric, capacities } = start()
    const seen = [0, 499, 500, 3499, 3500, 4501].map((atMs) => {
      fabric.kernel.run(atMs)
      return capacities()
    })
    const [high, low] = [
      [30_000, 20_000],
      [8000, 4000],
    ]
    expect(seen).toEqual([high, high, low, low, high, low])
  })

  it('stays throttled when its line changes', () => {
    const { fabric, node, capacities } = start()
    fabric.throttleUp(node.host, 0.1)
    expect(capacities()).toEqual([30_000, 2000])
    fabric.kernel.run(600)
    expect(capacities()).toEqual([8000, 400])
    fabric.throttleUp(node.host, 1)
    expect(capacities()).toEqual([8000, 4000])
  })

  it('is left alone while it cannot be reached', () => {
    const { fabric, node, capacities } = start()
    node.attach({
      linkUp: () => {},
      linkDown: () => {},
      message: () => {},
      chunkBegins: () => {},
      chunkArrived: () => {},
      chunkSent: () => {},
    })
    node.loseConnection()
    fabric.kernel.run(400)
    node.regainConnection()
    fabric.kernel.run(600)
    expect(capacities()).toEqual([8000, 4000])
    node.loseConnection()
    fabric.kernel.run()
    expect(fabric.kernel.nowMs).toBe(3500)
    node.regainConnection()
    expect(capacities()).toEqual([30_000, 20_000])
    node.crash()
    fabric.kernel.run()
    expect(fabric.kernel.nowMs).toBe(4500)
  })

  it('sends a chunk in the time that the trace’s bytes take', () => {
    const fabric = createTestFabric()
    const { host } = fabric.add('a', { upBps: 1e9, downBps: 40_000, variation: { ...variation, upScale: 0 } })
    let doneMs = NaN
    const bytes = 60_000
    fabric.flows.start(
      fabric.flows.addLink(1e9),
      host.downLink,
      bytes,
      Infinity,
      () => (doneMs = fabric.kernel.nowMs),
      0,
      0,
    )
    fabric.kernel.run(1e5)
    // 0.5 s at 40 kB/s, 3 s at 8 kB/s, and the other 16 kB at 40 kB/s.
    expect(doneMs).toBeCloseTo(3900, 3)
  })
})
