import { createHash } from 'node:crypto'
import type { TraceSink } from '../../sim/trace.ts'
import type { RunTask } from '../simulate.ts'
import { SyncOutput } from './sync-output.ts'
import { KEEP_ALL } from './trace-filter.ts'
import { TRACE_FORMAT } from './trace-format.ts'
import { recordTo } from './trace-outputs.ts'
import { TraceWriter } from './trace-writer.ts'

/** A whole trace of one simulation, being recorded. */
export interface OpenTrace {
  readonly sink: TraceSink
  /** The simulation has run to its end. */
  finish(outcomesHash: string): void
}

/** Records everything that happens in a run; cut off where the simulation throws. */
export function openTrace(path: string, { runId, seed, config }: RunTask): OpenTrace {
  const output = SyncOutput.toFile(path)
  const sink = new TraceWriter(recordTo(output), {
    format: TRACE_FORMAT,
    formatVersion: 1,
    run: runId,
    seed,
    configHash: createHash('sha256').update(JSON.stringify(config)).digest('hex'),
    filter: KEEP_ALL,
  })
  return {
    sink,
    finish: (outcomesHash) => {
      sink.finish({ end: 'whole', outcomesHash })
      output.close()
    },
  }
}
