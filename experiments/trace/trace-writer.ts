import type { TraceEvent, TraceSink } from '../../sim/trace.ts'
import { keeps, type TraceFilter } from './trace-filter.ts'
import { eventLine, type TraceHead, type TraceMark, type TraceTail } from './trace-format.ts'
import { TraceHash } from './trace-hash.ts'

/** Where the lines of a trace go. */
export interface TraceOutput {
  head(head: TraceHead): void
  event(line: string, event: TraceEvent): void
  mark(mark: TraceMark): void
  tail(tail: TraceTail): void
}

/** Thrown out of a simulation at the first event that is not wanted any more. */
export class TraceUntil extends Error {
  override readonly name = 'TraceUntil'
  readonly code = 'E_TRACE_UNTIL'
}

/** Hashes all events of a simulation, and passes on those that a filter keeps. */
export class TraceWriter implements TraceSink {
  /** Events passed on. */
  kept = 0
  /** All nodes that something happened at. */
  readonly nodes = new Set<string>()
  readonly #output: TraceOutput
  readonly #filter: TraceFilter
  readonly #untilMs: number
  readonly #hash = new TraceHash()
  #second = -1

  constructor(output: TraceOutput, head: TraceHead) {
    this.#output = output
    this.#filter = head.filter
    this.#untilMs = head.filter.untilMs ?? Infinity
    output.head(head)
  }

  get events(): number {
    return this.#hash.events
  }

  /** Throws TraceUntil at the end of the filter. */
  take(event: TraceEvent): void {
    if (event.timeMs >= this.#untilMs) throw new TraceUntil('the trace ends here')
    const second = Math.floor(event.timeMs / 1000)
    if (second !== this.#second) this.#mark(second)
    const line = eventLine(event)
    this.#hash.add(line)
    this.nodes.add(event.node)
    if (!keeps(this.#filter, event)) return
    this.kept++
    this.#output.event(line, event)
  }

  /** Ends the trace. */
  finish(end: Pick<TraceTail, 'end' | 'outcomesHash' | 'error'>): TraceTail {
    this.#mark(-1)
    const { end: how, outcomesHash, error } = end
    const tail = { end: how, events: this.events, hash: this.#hash.digest(), outcomesHash }
    const said = error === undefined ? tail : { ...tail, error }
    this.#output.tail(said)
    return said
  }

  #mark(next: number): void {
    if (this.#second >= 0) this.#output.mark(this.#hash.mark(this.#second))
    this.#second = next
  }
}
