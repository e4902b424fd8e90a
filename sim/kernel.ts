import { KernelReentryError, KernelTimeError } from './kernel-errors.ts'
import { EventQueue, type EventHandler } from './kernel-queue.ts'

/** Names one scheduled event; stale once the event ran or was cancelled. */
export type EventHandle = number

export interface KernelOptions {
  /** Width of a timing-wheel tick in simulated milliseconds; changes speed only, never the order. Default 0.5. */
  tickMs?: number
}

const SLOTS_PER_GENERATION = 2 ** 24
const LATEST_MS = 2 ** 53

/**
 * Discrete-event kernel: one time axis in milliseconds, events in the strict order (time, sequence of
 * scheduling). Handlers take two payload values, so that callers need no closure per event.
 */
export class Kernel {
  /** Current simulated time in milliseconds. */
  nowMs = 0
  /** Events executed since the kernel was made. */
  executed = 0

  /** Sequence of the event that is being executed. */
  private current = -1
  private readonly queue: EventQueue
  private sequence = 0
  private running = false
  private stopping = false
  private readonly settlers: ((() => void) | undefined)[] = []
  private settlerCount = 0

  constructor(options: KernelOptions = {}) {
    const tickMs = options.tickMs ?? 0.5
    if (!(tickMs >= 1e-6 && tickMs <= 1e6)) throw new KernelTimeError('tickMs', tickMs, '0.000001 to 1000000')
    this.queue = new EventQueue(tickMs)
  }

  /** Events scheduled and neither executed nor cancelled. */
  get pending(): number {
    return this.queue.live
  }

  /**
   * Calls `handler(a, b)` after `delayMs`. Events of the same time run in the order of scheduling.
   * Throws KernelTimeError on a negative, NaN or infinite delay.
   */
  schedule(delayMs: number, handler: () => void): EventHandle
  schedule<A>(delayMs: number, handler: (a: A) => void, a: A): EventHandle
  schedule<A, B>(delayMs: number, handler: (a: A, b: B) => void, a: A, b: B): EventHandle
  schedule(delayMs: number, handler: (...payload: never[]) => void, a?: unknown, b?: unknown): EventHandle {
    if (!(delayMs >= 0 && delayMs <= LATEST_MS)) {
      throw new KernelTimeError('delayMs', delayMs, `0 to ${LATEST_MS}`)
    }
    return this.enqueue(this.nowMs + delayMs, handler as EventHandler, a, b)
  }

  /** Like `schedule`, at an absolute time that must not lie in the past. */
  scheduleAt(timeMs: number, handler: () => void): EventHandle
  scheduleAt<A>(timeMs: number, handler: (a: A) => void, a: A): EventHandle
  scheduleAt<A, B>(timeMs: number, handler: (a: A, b: B) => void, a: A, b: B): EventHandle
  scheduleAt(timeMs: number, handler: (...payload: never[]) => void, a?: unknown, b?: unknown): EventHandle {
    if (!(timeMs >= this.nowMs && timeMs <= LATEST_MS)) {
      throw new KernelTimeError('timeMs', timeMs, `${this.nowMs}, the present, to ${LATEST_MS}`)
    }
    return this.enqueue(timeMs, handler as EventHandler, a, b)
  }

  /**
   * A place in the order of events, as if something had been scheduled now: for what takes place without an event of its
   * own, but in the same order.
   */
  takeSequence(): number {
    return this.sequence++
  }

  /** Whether what is due now, with a place in the order of events, comes before the event that is being executed. */
  isPast(sequence: number): boolean {
    return sequence < this.current
  }

  /** Drops a pending event. False, and harmless, where it ran or was cancelled before. */
  cancel(handle: EventHandle): boolean {
    const generation = Math.floor(handle / SLOTS_PER_GENERATION)
    return this.queue.cancel(handle - generation * SLOTS_PER_GENERATION, generation)
  }

  /**
   * Calls `settle` once, before time moves on and after every event of the current instant, those
   * scheduled meanwhile included. Lets a model fold all changes of one instant into one update.
   */
  atInstantEnd(settle: () => void): void {
    this.settlers[this.settlerCount++] = settle
  }

  /**
   * Executes events up to and including `untilMs`, at most `maxEvents` of them, or until `stop`. Afterwards the
   * clock stands at `untilMs` where every event up to it has run. Returns the number of events executed.
   */
  run(untilMs = Infinity, maxEvents = Infinity): number {
    if (Number.isNaN(untilMs))
      throw new KernelTimeError('untilMs', untilMs, 'any number, Infinity for no end')
    if (Number.isNaN(maxEvents)) throw new KernelTimeError('maxEvents', maxEvents, '0 or more')
    if (this.running) throw new KernelReentryError()
    const before = this.executed
    const last = before + maxEvents
    this.running = true
    this.stopping = false
    try {
      while (this.executed < last && !this.stopping) {
        if (this.executeNext(untilMs)) continue
        if (untilMs < Infinity && untilMs > this.nowMs) this.nowMs = untilMs
        break
      }
    } finally {
      this.running = false
    }
    return this.executed - before
  }

  /** Executes the next event; false when there is none. */
  step(): boolean {
    return this.run(Infinity, 1) === 1
  }

  /** Makes `run` return after the current event. */
  stop(): void {
    this.stopping = true
  }

  private enqueue(timeMs: number, handler: EventHandler, a: unknown, b: unknown): EventHandle {
    const slot = this.queue.push(timeMs, this.sequence++, handler, a, b)
    return this.queue.generationOf(slot) * SLOTS_PER_GENERATION + slot
  }

  private executeNext(untilMs: number): boolean {
    const queue = this.queue
    let timeMs = queue.peekMs()
    while (this.settlerCount > 0 && timeMs > this.nowMs) {
      this.settle()
      timeMs = queue.peekMs()
    }
    if (timeMs > untilMs || timeMs === Infinity) return false
    this.current = queue.nextSequence
    const slot = queue.pop()
    const refs = queue.refs
    const handler = refs[slot * 3] as EventHandler
    const a = refs[slot * 3 + 1]
    const b = refs[slot * 3 + 2]
    queue.release(slot)
    this.nowMs = timeMs
    this.executed++
    handler(a, b)
    return true
  }

  private settle(): void {
    const settlers = this.settlers
    // A settler may ask for another round at this same instant.
    for (let i = 0; i < this.settlerCount; i++) {
      const settle = settlers[i]
      settlers[i] = undefined
      settle?.()
    }
    this.settlerCount = 0
  }
}
