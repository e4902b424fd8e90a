import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlowNetwork, type FlowId } from './flow-network.ts'
import { Kernel } from './kernel.ts'
import { progressiveFilling } from './progressive-filling.ts'

/** Bounds the search for a smaller counterexample; passing runs take a fraction of it. */
const SHRINK_LIMIT_MS = 60_000

const LINKS = 8

interface End {
  atMs: number
  sentBytes: number
}

/** The fluid model with exact rates: solves all of it anew after every start, end and change of capacity. */
class ExactFluid {
  nowMs = 0
  readonly ends = new Map<number, End>()
  private readonly flows = new Map<number, { path: number[]; capBps: number; bytes: number; left: number }>()
  private readonly capacities: number[]

  constructor(capacities: number[]) {
    this.capacities = [...capacities]
  }

  start(label: number, path: number[], bytes: number, capBps: number): void {
    this.flows.set(label, { path, capBps, bytes, left: bytes })
  }

  abort(label: number): void {
    const flow = this.flows.get(label)
    if (flow) this.end(label, flow.bytes - flow.left)
  }

  setCapacity(link: number, bps: number): void {
    this.capacities[link] = bps
  }

  run(untilMs: number): void {
    for (;;) {
      const flows = [...this.flows]
      const rates = progressiveFilling(
        this.capacities,
        flows.map(([, flow]) => flow),
      )
      const waits = flows.map(([, flow], i) => (flow.left === 0 ? 0 : (flow.left / rates[i]) * 1000))
      const stepMs = Math.min(untilMs - this.nowMs, ...waits)
      if (stepMs === Infinity) return
      this.nowMs += stepMs
      flows.forEach(([label, flow], i) => {
        flow.left = waits[i] <= stepMs ? 0 : flow.left - (rates[i] * stepMs) / 1000
        if (waits[i] <= stepMs) this.end(label, flow.bytes)
      })
      if (this.nowMs >= untilMs) return
    }
  }

  private end(label: number, sentBytes: number): void {
    this.ends.set(label, { atMs: this.nowMs, sentBytes })
    this.flows.delete(label)
  }
}

/** The same commands for the network under test. */
class Incremental {
  readonly kernel = new Kernel()
  readonly ends = new Map<number, End>()
  private readonly network = new FlowNetwork(this.kernel, { tolerance: 1e-9 })
  private readonly ids = new Map<number, FlowId>()

  constructor(capacities: number[]) {
    capacities.forEach((bps) => this.network.addLink(bps))
  }

  start(label: number, path: number[], bytes: number, capBps: number): void {
    const done = (_id: FlowId, name: number, sentBytes: number): void => {
      this.ends.set(name, { atMs: this.kernel.nowMs, sentBytes })
    }
    this.ids.set(label, this.network.startVia(path, bytes, capBps, done, label, bytes))
  }

  abort(label: number): void {
    const id = this.ids.get(label) ?? -1
    if (!this.network.isActive(id)) return
    this.ends.set(label, { atMs: this.kernel.nowMs, sentBytes: this.network.abort(id) })
  }

  setCapacity(link: number, bps: number): void {
    this.network.setCapacity(link, bps)
  }

  run(untilMs: number): void {
    this.kernel.run(untilMs)
  }
}

const capacity = fc.integer({ min: 1, max: 50 }).map((tenths) => tenths * 1e5)
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      path: fc.uniqueArray(fc.nat(LINKS - 1), { minLength: 1, maxLength: 4 }),
      bytes: fc.oneof(fc.constantFrom(0, 1e6), fc.integer({ min: 1, max: 5e6 })),
      capBps: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1e4, max: 3e6 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), label: fc.nat(30) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('capacity' as const),
      link: fc.nat(LINKS - 1),
      bps: fc.oneof(fc.constant(0), capacity),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      ms: fc.double({ min: 0, max: 2000, noNaN: true }),
    }),
  },
)

describe('FlowNetwork against the exact fluid model', () => {
  it('ends every flow at the same time with the same bytes', () => {
    fc.assert(
      fc.property(
        fc.array(capacity, { minLength: LINKS, maxLength: LINKS }),
        fc.array(command, { maxLength: 60, size: 'max' }),
        (capacities, commands) => {
          const worlds = [new ExactFluid(capacities), new Incremental(capacities)] as const
          let timeMs = 0
          commands.forEach((step, label) => {
            if (step.kind === 'run') timeMs += step.ms
            for (const world of worlds) {
              if (step.kind === 'start') world.start(label, step.path, step.bytes, step.capBps)
              if (step.kind === 'abort') world.abort(step.label)
              if (step.kind === 'capacity') world.setCapacity(step.link, step.bps)
              if (step.kind === 'run') world.run(timeMs)
            }
          })
          for (const world of worlds) {
            for (let link = 0; link < LINKS; link++) world.setCapacity(link, 1e6)
            world.run(Infinity)
          }
          const [exact, tested] = worlds
          expect([...tested.ends.keys()].sort()).toEqual([...exact.ends.keys()].sort())
          expect(tested.ends.size).toBe(commands.filter((step) => step.kind === 'start').length)
          for (const [label, end] of exact.ends) {
            expect(Math.abs(tested.ends.get(label)!.atMs - end.atMs)).toBeLessThan(1e-3)
            expect(Math.abs(tested.ends.get(label)!.sentBytes - end.sentBytes)).toBeLessThan(1)
          }
        },
      ),
      { numRuns: 200, interruptAfterTimeLimit: SHRINK_LIMIT_MS },
    )
  })
})
