import { TRACE_KINDS, type TraceEvent, type TraceKind } from '../../sim/trace.ts'
import { durationS } from '../config/quantity.ts'
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

/** A filter as the command line says it. */
export interface FilterWords {
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly node?: string | readonly string[] | undefined
  readonly kind?: string | readonly string[] | undefined
}

/** Throws UsageError. */
export function parseFilter({ from, until, node, kind }: FilterWords): TraceFilter {
  const fromMs = from === undefined ? null : parseTimeMs('--from', from)
  const untilMs = until === undefined ? null : parseTimeMs('--until', until)
  if (fromMs !== null && untilMs !== null && fromMs >= untilMs)
    throw new UsageError(`invalid --until: ${JSON.stringify(until)} (allowed later than --from ${from})`)
  return { fromMs, untilMs, nodes: [node ?? []].flat(), kinds: [kind ?? []].flat().map(parseKind) }
}

function parseTimeMs(option: string, text: string): number {
  const seconds = durationS().safeParse(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text)
  if (seconds.success) return 1000 * seconds.data
  throw new UsageError(
    `invalid ${option}: ${JSON.stringify(text)} (seconds, or a text such as 90s or 2min, expected)`,
  )
}

function parseKind(text: string): TraceKind {
  const kind = TRACE_KINDS.find((name) => name === text)
  if (kind !== undefined) return kind
  const meant = nearest(text, TRACE_KINDS)
  const hint = meant === undefined ? '' : `did you mean ${meant}? `
  throw new UsageError(`invalid --kind: ${JSON.stringify(text)} (${hint}allowed ${TRACE_KINDS.join(', ')})`)
}
