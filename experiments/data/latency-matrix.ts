import { quote } from '../../peer/protocol/ids.ts'
import { DataFileError } from './errors.ts'

/** Units of the entries of a latency matrix, in milliseconds. */
export const LATENCY_UNITS = { ms: 1, s: 1000 } as const
export type LatencyUnit = keyof typeof LATENCY_UNITS

export const MOST_MATRIX_NODES = 2000

/**
 * Reads a square matrix of round-trip times: a line a row, entries apart by white space, in `unit`. Returns the rows in
 * milliseconds; what was not measured (an entry off the diagonal that is 0 or negative, or reads nan) is 0, and so is the
 * diagonal. `source` names the text in errors. Throws DataFileError.
 */
export function parseLatencyMatrix(text: string, source: string, unit: LatencyUnit): number[][] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const count = lines.length
  if (count < 2 || count > MOST_MATRIX_NODES)
    throw new DataFileError(source, `${count} rows (2 to ${MOST_MATRIX_NODES} expected)`)
  const rows = lines.map((line, row) => {
    const entries = line.trim().split(/\s+/)
    if (entries.length !== count)
      throw new DataFileError(
        source,
        `row ${row + 1} has ${entries.length} entries (${count} expected, as many as there are rows)`,
      )
    return entries.map((entry, column) => {
      if (/^nan$/i.test(entry)) return 0
      const value = Number(entry)
      if (!Number.isFinite(value))
        throw new DataFileError(
          source,
          `row ${row + 1}, entry ${column + 1}: ${quote(entry)} (a number expected)`,
        )
      return row === column ? 0 : Math.max(value * LATENCY_UNITS[unit], 0)
    })
  })
  const unreached = rows.findIndex((row) => row.every((value) => value === 0))
  if (unreached >= 0)
    throw new DataFileError(source, `row ${unreached + 1} has no measured entry (one at least expected)`)
  return rows
}
