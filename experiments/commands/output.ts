import type { ProgressStream } from '../status-block.ts'

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Output {
  readonly out: { write(text: string): unknown }
  readonly err: ProgressStream
}

export const PROCESS_OUTPUT: Output = { out: process.stdout, err: process.stderr }
