import type { TraceEvent, TraceKind } from '../../sim/trace.ts'
import { SyncOutput } from './sync-output.ts'
import { KEEP_ALL, type TraceFilter } from './trace-filter.ts'
import { TRACE_FORMAT, type TraceTail } from './trace-format.ts'
import { recordTo } from './trace-outputs.ts'
import { TraceUntil, TraceWriter } from './trace-writer.ts'

/** An event at a time in seconds. */
export const event = (
  seconds: number,
  node: string,
  kind: TraceKind = 'timer',
  details: TraceEvent['details'] = {},
): TraceEvent => ({ timeMs: 1000 * seconds, node, kind, details })

/** Records events as a trace file; with a filter's end, as far as that. */
export function recordEvents(
  path: string,
  events: Iterable<TraceEvent>,
  filter: Partial<TraceFilter> = {},
): TraceTail {
  const output = SyncOutput.toFile(path)
  const head = {
    run: 'random/0',
    seed: '1/evaluate/0',
    configHash: 'abc',
    filter: { ...KEEP_ALL, ...filter },
  }
  const writer = new TraceWriter(recordTo(output), { format: TRACE_FORMAT, formatVersion: 1, ...head })
  try {
    for (const each of events) writer.take(each)
    return writer.finish({ end: 'whole', outcomesHash: 'def' })
  } catch (error) {
    if (!(error instanceof TraceUntil)) throw error
    return writer.finish({ end: 'until', outcomesHash: null })
  } finally {
    output.close()
  }
}
