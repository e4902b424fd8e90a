import { z } from 'zod'
import type { CapacityTrace } from '../../sim/capacity-trace.ts'
import { quote } from '../../peer/protocol/ids.ts'
import { DataFileError } from './errors.ts'

const positive = z.number().positive()
/** The latency of Sabre's traces is a constant that nobody measured: it is not read. */
const entrySchema = z.object({ duration_ms: positive, bandwidth_kbps: z.number().min(0) })

/** Reads a trace of the Sabre player: a JSON array of {duration_ms, bandwidth_kbps, latency_ms}. Throws DataFileError. */
export function parseSabreTrace(text: string, source: string): CapacityTrace {
  const entries = parseJson(text, source)
  if (!Array.isArray(entries)) throw new DataFileError(source, `${quote(entries)} (a list expected)`)
  const durationsMs: number[] = []
  const bps: number[] = []
  entries.forEach((entry: unknown, index) => {
    const result = entrySchema.safeParse(entry)
    if (!result.success)
      throw new DataFileError(
        source,
        `entry ${index}: ${quote(entry)} (duration_ms of more than 0 and bandwidth_kbps of 0 or more expected)`,
      )
    durationsMs.push(result.data.duration_ms)
    bps.push(result.data.bandwidth_kbps * 125)
  })
  return { durationsMs, bps }
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DataFileError(source, `not JSON: ${(error as Error).message}`)
  }
}
