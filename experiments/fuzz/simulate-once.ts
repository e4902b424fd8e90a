import { createHash } from 'node:crypto'
import type { OutcomeRow } from '../../peer/ports/recorder.ts'
import type { TraceSink } from '../../sim/trace.ts'
import type { WorldResult } from '../../sim/world-result.ts'
import { OutcomeHasher } from '../outcome-hash.ts'
import { type Simulation, worldOf } from '../simulate.ts'

/** A world of this size that still runs is going in circles. */
const MOST_EVENTS = 20_000_000

export interface OnceResult {
  readonly result: WorldResult
  readonly peerRows: number
  /** Over the outcome rows, and over everything that was measured. */
  readonly outcomesHash: string
  readonly resultHash: string
}

/** A simulation did not come to an end. */
export class EndlessError extends Error {
  override readonly name = 'EndlessError'
  readonly code = 'E_ENDLESS'
}

/** Runs a simulation in memory. Throws what it throws, and EndlessError. */
export function simulateOnce(simulation: Simulation, trace?: TraceSink): OnceResult {
  const hasher = new OutcomeHasher()
  let peerRows = 0
  const rows = {
    add: (row: OutcomeRow) => {
      if (row.place === 'peer') peerRows++
      hasher.add(row)
    },
  }
  const result = worldOf(simulation, rows, trace).run(({ events, simulatedMs }) => {
    if (events > MOST_EVENTS)
      throw new EndlessError(`${events} events in ${simulatedMs / 1000} simulated seconds`)
  })
  return { result, peerRows, outcomesHash: hasher.digest(), resultHash: hashOf(result) }
}

/** Of what was measured; not of how many events it took, which the checks are part of. */
function hashOf({ events: _events, ...result }: WorldResult): string {
  const text = JSON.stringify(result, (_key, value: unknown) => {
    if (value instanceof Float64Array) return [...value].map(String)
    return typeof value === 'number' ? String(value) : value
  })
  return createHash('sha256').update(text).digest('hex')
}
