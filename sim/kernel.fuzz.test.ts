import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kernel } from './kernel.ts'

/** Bounds the search for a smaller counterexample; passing runs take a fraction of it. */
const SHRINK_LIMIT_MS = 60_000

interface ModelEvent {
  timeMs: number
  sequence: number
  label: number
}

/** Sorted-array model of the kernel. */
class Model {
  nowMs = 0
  readonly events: ModelEvent[] = []
  private sequence = 0

  schedule(delayMs: number, label: number): ModelEvent {
    const event = { timeMs: this.nowMs + delayMs, sequence: this.sequence++, label }
    const at = this.events.findIndex((other) => other.timeMs > event.timeMs)
    this.events.splice(at < 0 ? this.events.length : at, 0, event)
    return event
  }

  cancel(event: ModelEvent): boolean {
    const at = this.events.indexOf(event)
    if (at >= 0) this.events.splice(at, 1)
    return at >= 0
  }
}

const delay = fc.oneof(
  fc.constantFrom(0, 0.5, 1, 512, 1024, 524_288, 536_870_912),
  fc.double({ min: 0, max: 3, noNaN: true }),
  fc.double({ min: 0, max: 2000, noNaN: true }),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc.double({ min: 0, max: 1e13, noNaN: true }),
)
const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('schedule' as const), delayMs: delay }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(200) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('events' as const), count: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('until' as const), delayMs: delay }) },
)

describe('Kernel against a sorted array', () => {
  it('executes the same events at the same times, whatever the tick', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 300, size: 'max' }),
        fc.constantFrom(0.01, 0.5, 7, 1000),
        (commands, tickMs) => {
          const kernel = new Kernel({ tickMs })
          const model = new Model()
          const handles: [number, ModelEvent][] = []
          const seen: [number, number][] = []
          const expected: [number, number][] = []
          const schedule = (delayMs: number): void => {
            const label = handles.length
            handles.push([kernel.schedule(delayMs, execute, label), model.schedule(delayMs, label)])
          }
          // Some events schedule or cancel others while they run, in both worlds alike.
          const react = (label: number, timeMs: number): void => {
            model.nowMs = timeMs
            if (label % 5 === 0) schedule((label % 3) * 0.25)
            if (label % 7 === 3) {
              const [handle, event] = handles[(label * 13) % handles.length]
              expect(kernel.cancel(handle)).toBe(model.cancel(event))
            }
          }
          const execute = (label: number): void => {
            seen.push([label, kernel.nowMs])
            const event = model.events.shift()
            expected.push(event ? [event.label, event.timeMs] : [-1, -1])
            react(label, kernel.nowMs)
          }
          const runUntil = (untilMs: number): void => {
            kernel.run(untilMs)
            expect(model.events.every((event) => event.timeMs > untilMs)).toBe(true)
            model.nowMs = kernel.nowMs
          }
          for (const step of commands) {
            if (step.kind === 'schedule') schedule(step.delayMs)
            if (step.kind === 'events') kernel.run(Infinity, step.count)
            if (step.kind === 'until') runUntil(kernel.nowMs + step.delayMs)
            if (step.kind === 'cancel' && handles.length > 0) {
              const [handle, event] = handles[step.index % handles.length]
              expect(kernel.cancel(handle)).toBe(model.cancel(event))
            }
            expect(kernel.pending).toBe(model.events.length)
          }
          kernel.run(Infinity, 1000)
          expect(seen).toEqual(expected)
        },
      ),
      { numRuns: 300, interruptAfterTimeLimit: SHRINK_LIMIT_MS },
    )
  })
})
