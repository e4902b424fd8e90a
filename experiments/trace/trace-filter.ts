import { TRACE_KINDS, type TraceEvent, type TraceKind } from '../../sim/trace.ts'
import { nearest } from '../config/suggest.ts'
import { UsageError } from '../errors.ts'

/** Which events are kept. Times are simulated milliseconds; null and empty lists keep all. */
export interface TraceFilter {
  readonly fromMs: number | null
  /** Events at this time or later are not kept, and the simulation ends here. */
  readonly untilMs: number | null
  readonly nodes: readonly string[]
  readonly kinds: readonly TraceKind[]
}

export const KEEP_ALL: TraceFilter = { fromMs: null, untilMs: null, nodes: [], kinds: [] }

/** Whether an event before the filter's end is kept. */
export const keeps = ({ fromMs, nodes, kinds }: TraceFilter, { timeMs, node, kind }: TraceEvent): boolean =>
  (fromMs === null || timeMs >= fromMs) &&
  (kinds.length === 0 || kinds.includes(kind)) &&
  (nodes.length === 0 || nodes.includes(node))

/** A kind of event by its name. Throws UsageError. */
export function parseKind(text: string): TraceKind {
  const kind = TRACE_KINDS.find((name) => name === text)
  if (kind !== undefined) return kind
  const meant = nearest(text, TRACE_KINDS)
  const hint = meant === undefined ? '' : `did you mean ${meant}? `
  throw new UsageError(`invalid --kind: ${JSON.stringify(text)} (${hint}allowed ${TRACE_KINDS.join(', ')})`)
}
