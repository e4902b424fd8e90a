import type { SyncOutput } from './sync-output.ts'
import { eventText } from './trace-text.ts'
import type { TraceOutput } from './trace-writer.ts'

/** Records a trace as a file that `diff-trace` reads. */
export const recordTo = (output: SyncOutput): TraceOutput => ({
  head: (head) => output.line(JSON.stringify(head)),
  event: (line) => output.line(line),
  mark: (mark) => output.line(JSON.stringify(mark)),
  tail: (tail) => output.line(JSON.stringify(tail)),
})

/** Prints events as people read them. */
export const printTo = (output: SyncOutput): TraceOutput => ({
  head: () => {},
  event: (_line, event) => output.line(eventText(event)),
  mark: () => {},
  tail: () => {},
})
