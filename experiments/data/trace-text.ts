import { type CapacityTrace, traceProblem } from '../../sim/capacity-trace.ts'
import { quote } from '../../peer/protocol/ids.ts'
import { DataFileError } from './errors.ts'
import { parseSabreTrace } from './sabre-trace.ts'

/** Units of the throughput column of "time throughput" texts, and their bytes per second. */
export const THROUGHPUT_UNITS = { 'kbit/s': 125, 'Mbit/s': 125_000, 'MB/s': 1_000_000 } as const
export type ThroughputUnit = keyof typeof THROUGHPUT_UNITS

export const MOST_TRACE_ENTRIES = 1_000_000

/**
 * Reads a capacity trace: Sabre's JSON, or lines of "time throughput" with times in seconds and throughputs in `unit`.
 * `source` names the text in errors. Throws DataFileError.
 */
export function parseTrace(text: string, source: string, unit: ThroughputUnit): CapacityTrace {
  const trace = /^\s*\[/.test(text) ? parseSabreTrace(text, source) : parseTimeThroughput(text, source, unit)
  if (trace.bps.length > MOST_TRACE_ENTRIES)
    throw new DataFileError(source, `${trace.bps.length} entries (at most ${MOST_TRACE_ENTRIES})`)
  const problem = traceProblem(trace)
  if (problem) throw new DataFileError(source, `${problem.found} (${problem.allowed} expected)`)
  return trace
}

/**
 * A throughput holds from the time of the line before up to its own: it was measured when it was written down (Pensieve's
 * reading; Mao, Netravali and Alizadeh, SIGCOMM 2017). The first line says only where the trace begins.
 */
function parseTimeThroughput(text: string, source: string, unit: ThroughputUnit): CapacityTrace {
  const durationsMs: number[] = []
  const bps: number[] = []
  let lastS = NaN
  text.split('\n').forEach((line, index) => {
    const columns = line.trim().split(/\s+/)
    if (columns[0] === '') return
    const [timeS, throughput] = columns.map(Number)
    const where = `line ${index + 1}: ${quote(line.trim())}`
    if (columns.length !== 2 || !Number.isFinite(timeS) || !Number.isFinite(throughput))
      throw new DataFileError(
        source,
        `${where} (two numbers expected: time in seconds, throughput in ${unit})`,
      )
    if (timeS <= lastS)
      throw new DataFileError(source, `${where} (a time after that of the line before, ${lastS}, expected)`)
    if (throughput < 0) throw new DataFileError(source, `${where} (a throughput of 0 or more expected)`)
    if (!Number.isNaN(lastS)) {
      durationsMs.push((timeS - lastS) * 1000)
      bps.push(throughput * THROUGHPUT_UNITS[unit])
    }
    lastS = timeS
  })
  if (bps.length === 0) throw new DataFileError(source, 'fewer than two lines (two or more expected)')
  return { durationsMs, bps }
}
