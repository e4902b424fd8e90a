import type { WorldProgress } from '../../sim/world.ts'
import type { WorldResult } from '../../sim/world-result.ts'
import { OutcomeHasher } from '../outcome-hash.ts'
import { type Simulation, worldOf } from '../simulate.ts'
import { OutputClosedError } from './sync-output.ts'
import { TRACE_FORMAT, type TraceHead, type TraceTail } from './trace-format.ts'
import { type TraceOutput, TraceUntil, TraceWriter } from './trace-writer.ts'

export interface TracedRun {
  readonly tail: TraceTail
  /** Events that the filter kept. */
  readonly kept: number
  readonly nodes: ReadonlySet<string>
  /** Undefined where the simulation was stopped. */
  readonly result: WorldResult | undefined
}

/**
 * Runs a simulation, with every check, and sends its trace to `output`. Where the simulation throws, the trace ends with the
 * error, which is thrown on.
 */
export function recordTrace(
  { config, policies }: Simulation,
  head: Omit<TraceHead, 'format' | 'formatVersion'>,
  output: TraceOutput,
  onProgress?: (progress: WorldProgress) => void,
): TracedRun {
  const writer = new TraceWriter(output, { format: TRACE_FORMAT, formatVersion: 1, ...head })
  const hasher = new OutcomeHasher()
  const checked = { ...config, checks: { ...config.checks, level: 'full' } } as const
  const { nodes } = writer
  try {
    const result = worldOf({ config: checked, policies }, hasher, writer).run(onProgress)
    const tail = writer.finish({ end: 'whole', outcomesHash: hasher.digest() })
    return { tail, kept: writer.kept, nodes, result }
  } catch (error) {
    if (error instanceof OutputClosedError) throw error
    if (error instanceof TraceUntil)
      return {
        tail: writer.finish({ end: 'until', outcomesHash: null }),
        kept: writer.kept,
        nodes,
        result: undefined,
      }
    writer.finish({ end: 'failed', outcomesHash: null, error: String(error) })
    throw error
  }
}
