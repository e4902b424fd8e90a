import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlowNetwork, type FlowId, type LinkIndex } from './flow-network.ts'
import { Kernel } from './kernel.ts'
import { progressiveFilling } from './progressive-filling.ts'

/** Bounds the search for a smaller counterexample; passing runs take a fraction of it. */
const SHRINK_LIMIT_MS = 60_000

const capacity = fc.oneof(fc.constantFrom(1e5, 1e6, 1e6, 5e6), fc.double({ min: 1e4, max: 1e8, noNaN: true }))
const bytes = fc.oneof(fc.constantFrom(0, 1e5, 1e6), fc.double({ min: 1, max: 3e7, noNaN: true }))
const cap = fc.oneof(
  { weight: 3, arbitrary: fc.constant(Infinity) },
  { weight: 1, arbitrary: fc.constantFrom(1e5, 1e6) },
  { weight: 1, arbitrary: fc.double({ min: 1e3, max: 1e7, noNaN: true }) },
)
const action = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      path: fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 4 }),
      bytes,
      cap,
      crowd: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(80) }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('abort' as const), index: fc.nat(1000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('capacity' as const),
      link: fc.nat(1000),
      bps: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: capacity }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      ms: fc.double({ min: 0, max: 3000, noNaN: true }),
    }),
  },
)
const scenario = fc.record({
  capacities: fc.array(capacity, { minLength: 1, maxLength: 40 }),
  actions: fc.array(action, { maxLength: 150, size: 'max' }),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

interface Tracked {
  path: LinkIndex[]
  bytes: number
  capBps: number
}

/** Runs a scenario, calls `inspect` after every step, and keeps books of its own. */
class Harness {
  readonly kernel = new Kernel()
  readonly network: FlowNetwork
  readonly capacities: number[]
  readonly links: LinkIndex[]
  readonly alive = new Map<FlowId, Tracked>()
  readonly trace: string[] = []

  constructor(capacities: number[], tolerance?: number) {
    this.network = new FlowNetwork(this.kernel, tolerance === undefined ? {} : { tolerance })
    this.capacities = [...capacities]
    this.links = capacities.map((bps) => this.network.addLink(bps))
  }

  play(actions: Scenario['actions'], inspect: () => void): void {
    for (const step of actions) {
      if (step.kind === 'start') this.start(step)
      if (step.kind === 'abort') this.abort(step.index)
      if (step.kind === 'capacity') this.setCapacity(step.link % this.links.length, step.bps)
      if (step.kind === 'run') this.kernel.run(this.kernel.nowMs + step.ms)
      inspect()
    }
  }

  drain(): void {
    this.capacities.forEach((bps, link) => bps === 0 && this.setCapacity(link, 1e6))
    this.kernel.run()
  }

  /** A crowd shares its first link, spreads over the last ones and has different sizes. */
  private start(step: Extract<Scenario['actions'][number], { kind: 'start' }>): void {
    for (let i = 0; i < step.crowd; i++) {
      const last = step.path.length - 1
      const picks = step.path.map(
        (pick, place) => this.links[(place === last ? pick + i : pick) % this.links.length],
      )
      const path = [...new Set(picks)]
      const size = step.bytes * (1 + (i % 17) / 10)
      const id = this.network.startVia(path, size, step.cap, this.finished, this, size)
      this.alive.set(id, { path, bytes: size, capBps: step.cap })
    }
  }

  private readonly finished = (id: FlowId, self: Harness, size: number): void => {
    expect(self).toBe(this)
    expect(this.alive.get(id)?.bytes).toBe(size)
    this.alive.delete(id)
    this.trace.push(`${this.kernel.nowMs} done ${id}`)
  }

  private abort(index: number): void {
    if (this.alive.size === 0) return
    const [id, flow] = [...this.alive][index % this.alive.size]
    const left = this.network.bytesRemaining(id)
    const sent = this.network.abort(id)
    expect(sent + left).toBeCloseTo(flow.bytes, 5)
    this.alive.delete(id)
    this.trace.push(`${this.kernel.nowMs} abort ${id} ${sent}`)
  }

  private setCapacity(link: number, bps: number): void {
    this.capacities[link] = bps
    this.network.setCapacity(this.links[link], bps)
  }
}

function rateErrors(harness: Harness): number[] {
  const exact = progressiveFilling(harness.capacities, [...harness.alive.values()])
  return [...harness.alive.keys()].map((id, index) => {
    const rate = harness.network.rate(id)
    return exact[index] === 0 ? rate : Math.abs(rate / exact[index] - 1)
  })
}

describe('FlowNetwork against progressive filling', () => {
  it('keeps every rate within 1 % and the mean within 0.1 %', () => {
    fc.assert(
      fc.property(scenario, ({ capacities, actions }) => {
        const harness = new Harness(capacities)
        harness.play(actions, () => {
          const errors = rateErrors(harness)
          const total = errors.reduce((sum, error) => sum + error, 0)
          expect(Math.max(0, ...errors)).toBeLessThan(0.01)
          expect(total).toBeLessThanOrEqual(0.001 * errors.length)
        })
      }),
      { numRuns: 60, interruptAfterTimeLimit: SHRINK_LIMIT_MS },
    )
  })

  it('agrees to many digits at a small tolerance', () => {
    fc.assert(
      fc.property(scenario, ({ capacities, actions }) => {
        const harness = new Harness(capacities, 1e-9)
        harness.play(actions, () => {
          expect(Math.max(0, ...rateErrors(harness))).toBeLessThan(1e-6)
        })
      }),
      { numRuns: 25, interruptAfterTimeLimit: SHRINK_LIMIT_MS },
    )
  })

  it('never overloads a link nor exceeds a cap, and forgets nothing', () => {
    fc.assert(
      fc.property(scenario, ({ capacities, actions }) => {
        const harness = new Harness(capacities)
        const { network, alive, links } = harness
        harness.play(actions, () => {
          const used = new Float64Array(capacities.length)
          let worstCap = 0
          for (const [id, flow] of alive) {
            const rate = network.rate(id)
            worstCap = Math.max(worstCap, rate / flow.capBps)
            for (const link of flow.path) used[link] += rate
          }
          expect(worstCap).toBeLessThanOrEqual(1)
          const worstLoad = links.map((_, index) => used[index] - harness.capacities[index] * 1.0001)
          expect(Math.max(...worstLoad)).toBeLessThan(1e-6)
          const worstBook = links.map((link, index) => Math.abs(network.linkUsage(link) - used[index]))
          expect(Math.max(...worstBook)).toBeLessThan(1e-4)
        })
        harness.drain()
        expect(alive.size).toBe(0)
        expect(network.active).toBe(0)
        expect(links.map((link) => network.linkUsage(link) + network.flowsOn(link))).toEqual(
          links.map(() => 0),
        )
        expect(harness.kernel.pending).toBe(0)
      }),
      { numRuns: 60, interruptAfterTimeLimit: SHRINK_LIMIT_MS },
    )
  })

  it('carries over time what its rates promise', () => {
    fc.assert(
      fc.property(scenario, fc.double({ min: 0.01, max: 10, noNaN: true }), ({ capacities, actions }, ms) => {
        const harness = new Harness(capacities)
        harness.play(actions, () => undefined)
        const before = new Map(
          [...harness.alive.keys()].map((id) => [
            id,
            [harness.network.bytesSent(id), harness.network.rate(id)],
          ]),
        )
        const finished = harness.trace.length
        harness.kernel.run(harness.kernel.nowMs + ms)
        fc.pre(harness.trace.length === finished)
        const errors = [...before].map(([id, [sent, rate]]) =>
          Math.abs(harness.network.bytesSent(id) - sent - (rate * ms) / 1000),
        )
        expect(Math.max(0, ...errors)).toBeLessThan(1e-3)
      }),
      { numRuns: 60, interruptAfterTimeLimit: SHRINK_LIMIT_MS },
    )
  })

  it('repeats itself exactly', () => {
    fc.assert(
      fc.property(scenario, ({ capacities, actions }) => {
        const traces = [0, 1].map(() => {
          const harness = new Harness(capacities)
          harness.play(actions, () => undefined)
          harness.drain()
          return harness.trace
        })
        expect(traces[1]).toEqual(traces[0])
      }),
      { numRuns: 30, interruptAfterTimeLimit: SHRINK_LIMIT_MS },
    )
  })
})
