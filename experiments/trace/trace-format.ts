import type { TraceEvent } from '../../sim/trace.ts'
import type { TraceFilter } from './trace-filter.ts'

/*
 * A trace file is JSON lines, gzipped or not: a head; events, each with its time `t` in simulated milliseconds; after the
 * last event of each simulated second that has any, a mark; a tail. Marks count and hash all events since the start, kept in the
 * file or not, so that two traces can be compared second by second.
 */

export const TRACE_FORMAT = 'seedbed-trace'

export interface TraceHead {
  readonly format: typeof TRACE_FORMAT
  readonly formatVersion: 1
  /** What was simulated, as the plan names it, and the seed of that simulation. */
  readonly run: string
  readonly seed: string
  readonly configHash: string
  /** Which events the file keeps. */
  readonly filter: TraceFilter
}

/** Where the trace stands at the end of a simulated second. */
export interface TraceMark {
  /** Number of the second, from 0. */
  readonly second: number
  /** Events so far. */
  readonly events: number
  /** Over all events so far. */
  readonly hash: string
}

export interface TraceTail {
  /** `whole`: the simulation ran to its end; `until`: it was stopped at the filter's end; `failed`: it threw. */
  readonly end: 'whole' | 'until' | 'failed'
  readonly events: number
  readonly hash: string
  /** Of the run's outcome rows; null where the simulation did not run to its end. */
  readonly outcomesHash: string | null
  readonly error?: string
}

const MARK_START = '{"second":'
const TAIL_START = '{"end":'

export const isMark = (line: string): boolean => line.startsWith(MARK_START)
export const isTail = (line: string): boolean => line.startsWith(TAIL_START)

/** The line of an event. */
export const eventLine = ({ timeMs, node, kind, details }: TraceEvent): string =>
  JSON.stringify({ t: timeMs, node, kind, ...details })

/** The event of a line. */
export function parseEvent(line: string): TraceEvent {
  const { t, node, kind, ...details } = JSON.parse(line) as {
    t: number
    node: string
    kind: TraceEvent['kind']
  }
  return { timeMs: t, node, kind, details }
}
