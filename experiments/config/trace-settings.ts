import { z } from 'zod'
import { THROUGHPUT_UNITS, type ThroughputUnit } from '../data/trace-text.ts'
import { oneOf } from './sections.ts'

const path = z.string().min(1)

/** Traces that the capacities of an access class's hosts follow. */
export const traceSchema = z.strictObject({
  /** Files, or folders that stand for all their files. */
  files: z.union([path, z.array(path).min(1).max(1000)]).transform((files) => [files].flat()),
  /** Unit of the throughputs in texts; Sabre's JSON has its own. */
  throughput: oneOf(...(Object.keys(THROUGHPUT_UNITS) as ThroughputUnit[])).default('Mbit/s'),
  links: oneOf('down', 'both').default('down'),
  rates: oneOf('trace', 'class').default('trace'),
})
