import { describe, expect, it } from 'vitest'
import { EventQueue } from './kernel-queue.ts'
import { Kernel } from './kernel.ts'

describe('Kernel', () => {
  it('runs events by time and breaks ties by the order of scheduling', () => {
    const kernel = new Kernel()
    const seen: string[] = []
    const note = (name: string): void => {
      seen.push(`${name}@${kernel.nowMs}`)
    }
    kernel.schedule(20, note, 'c')
    kernel.schedule(10, note, 'a')
    kernel.scheduleAt(20, note, 'd')
    kernel.schedule(10, note, 'b')
    expect(kernel.pending).toBe(4)
    expect(kernel.run()).toBe(4)
    expect(seen).toEqual(['a@10', 'b@10', 'c@20', 'd@20'])
    expect(kernel.executed).toBe(4)
    expect(kernel.pending).toBe(0)
  })

  it('hands both payloads to the handler', () => {
    const kernel = new Kernel()
    const seen: unknown[] = []
    kernel.schedule(1, (a: number, b: string) => seen.push(a, b), 7, 'x')
    kernel.run()
    expect(seen).toEqual([7, 'x'])
  })

  it('keeps the order over all distances, from microseconds to years', () => {
    const kernel = new Kernel()
    const delays = [0, 1e-6, 0.1, 0.4999, 0.5, 1, 511, 512, 513, 1e5, 5.3e8, 5.4e8, 1e10, 1e12, 2 ** 53]
    const seen: number[] = []
    for (const delay of [...delays].reverse()) kernel.schedule(delay, () => seen.push(kernel.nowMs))
    kernel.run()
    expect(seen).toEqual(delays)
  })

  it('places an event correctly when run stopped short of the next one', () => {
    const kernel = new Kernel()
    const seen: string[] = []
    kernel.schedule(1000, () => seen.push('far'))
    expect(kernel.run(100)).toBe(0)
    expect(kernel.nowMs).toBe(100)
    kernel.schedule(1, () => seen.push('near'))
    kernel.run()
    expect(seen).toEqual(['near', 'far'])
  })

  it('cancels, and ignores handles of events that are over', () => {
    const kernel = new Kernel()
    const seen: string[] = []
    const doomed = kernel.schedule(5, () => seen.push('doomed'))
    expect(kernel.cancel(doomed)).toBe(true)
    expect(kernel.cancel(doomed)).toBe(false)
    expect(kernel.pending).toBe(0)
    const ran = kernel.schedule(1, () => seen.push('ran'))
    kernel.run()
    const fresh = kernel.schedule(1, () => seen.push('fresh'))
    expect(fresh).not.toBe(ran)
    expect(kernel.cancel(ran)).toBe(false)
    expect(kernel.cancel(doomed)).toBe(false)
    expect(kernel.cancel(123456789)).toBe(false)
    kernel.run()
    expect(seen).toEqual(['ran', 'fresh'])
  })

  it('lets a handler cancel its neighbour of the same time, but not itself', () => {
    const kernel = new Kernel()
    const seen: unknown[] = []
    let second = -1
    const first = kernel.schedule(1, () => seen.push(kernel.cancel(first), kernel.cancel(second)))
    second = kernel.schedule(1, () => seen.push('second'))
    kernel.run()
    expect(seen).toEqual([false, true])
    expect(kernel.nowMs).toBe(1)
  })

  it('survives mass cancellation of long timers', () => {
    const kernel = new Kernel()
    let fired = 0
    for (let round = 0; round < 20; round++) {
      const handles = Array.from({ length: 5000 }, (_, i) => kernel.schedule(1e6 + i * 100, () => fired++))
      handles.forEach((handle, i) => i % 1000 !== 0 && kernel.cancel(handle))
    }
    expect(kernel.pending).toBe(100)
    kernel.run()
    expect(fired).toBe(100)
  })

  it('stops after the current event, and steps one by one', () => {
    const kernel = new Kernel()
    const seen: number[] = []
    for (let i = 0; i < 5; i++) {
      kernel.schedule(
        i,
        (index: number) => {
          seen.push(index)
          if (index === 1) kernel.stop()
        },
        i,
      )
    }
    expect(kernel.run(100)).toBe(2)
    expect(kernel.nowMs).toBe(1)
    expect(kernel.step()).toBe(true)
    expect(kernel.run(Infinity, 1)).toBe(1)
    expect(kernel.run()).toBe(1)
    expect(kernel.step()).toBe(false)
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })

  it('runs instant-end calls after the last event of the instant and before time moves', () => {
    const kernel = new Kernel()
    const seen: string[] = []
    const settle = (): void => {
      seen.push(`settle@${kernel.nowMs}`)
      kernel.schedule(1, () => seen.push('soon'))
    }
    kernel.schedule(10, () => {
      seen.push('one')
      kernel.atInstantEnd(settle)
      kernel.schedule(0, () => seen.push('late'))
    })
    kernel.schedule(10, () => seen.push('two'))
    kernel.schedule(12, () => seen.push('three'))
    kernel.run()
    expect(seen).toEqual(['one', 'two', 'late', 'settle@10', 'soon', 'three'])
  })

  it('runs instant-end calls before run returns', () => {
    const kernel = new Kernel()
    const seen: number[] = []
    kernel.atInstantEnd(() => seen.push(kernel.nowMs))
    kernel.run(50)
    expect(seen).toEqual([0])
  })

  it('lets errors of handlers out and goes on afterwards', () => {
    const kernel = new Kernel()
    let after = false
    kernel.schedule(1, () => {
      throw new Error('boom')
    })
    kernel.schedule(2, () => (after = true))
    expect(() => kernel.run()).toThrow('boom')
    kernel.run()
    expect(after).toBe(true)
  })

  it('refuses impossible times and reentry, quoting the value', () => {
    const kernel = new Kernel()
    const nothing = (): void => undefined
    expect(() => kernel.schedule(-1, nothing)).toThrow('invalid delayMs: -1 (allowed 0 to 9007199254740992)')
    expect(() => kernel.schedule(NaN, nothing)).toThrow(/invalid delayMs: NaN/)
    expect(() => kernel.schedule(Infinity, nothing)).toThrow(/invalid delayMs: Infinity/)
    expect(() => kernel.run(NaN)).toThrow(/invalid untilMs/)
    expect(() => new Kernel({ tickMs: 0 })).toThrow(/invalid tickMs: 0/)
    kernel.run(10)
    expect(() => kernel.scheduleAt(9, nothing)).toThrow(/invalid timeMs: 9 \(allowed 10, the present/)
    kernel.schedule(1, () => kernel.run())
    expect(() => kernel.run()).toThrow(/inside an event handler/)
  })
})

describe('EventQueue', () => {
  it('forgets handlers and payloads, and reuses slots, once events are run or cancelled', () => {
    const queue = new EventQueue(1)
    const slots = [5, 5000, 1e9].map((timeMs, i) => queue.push(timeMs, i, () => undefined, {}, {}))
    expect(queue.refs.every((ref) => ref !== undefined)).toBe(true)
    expect(queue.cancel(slots[1], queue.generationOf(slots[1]))).toBe(true)
    while (queue.peekMs() < Infinity) queue.release(queue.pop())
    expect(queue.refs).toEqual(Array.from({ length: 9 }, () => undefined))
    expect(queue.live).toBe(0)
    for (let i = 0; i < 3; i++) expect(slots).toContain(queue.push(2e9, 3 + i, () => undefined, 0, 0))
  })
})
