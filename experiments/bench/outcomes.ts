import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FEATURE_COUNT } from '../../peer/protocol/features.ts'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import type { OutcomeRow } from '../../peer/ports/recorder.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { outcomeLine } from '../store/journal-format.ts'
import { openLiveOutcomes } from '../store/live-outcomes.ts'

const ROWS = 10_000
const ROWS_PER_APPEND = 50
/** Appends that wait for their acknowledgement at once. */
const WRITERS = 8

export interface OutcomesBenchResult {
  /** Of each row. */
  readonly candidates: number
  readonly rows: number
  /** Rows acknowledged, ROWS_PER_APPEND at once. */
  readonly appendedPerSecond: number
  readonly ackP50Ms: number
  readonly ackP99Ms: number
  /** Rows that went through the journal into Parquet files. */
  readonly storedPerSecond: number
  /** All of that, a row. */
  readonly cpuMicroseconds: number
  readonly journalBytesPerRow: number
  readonly peakRssBytes: number
}

/** Appends rows to an embedded store as fast as they are acknowledged; full segments are stored meanwhile. */
export async function benchOutcomes(candidates: number): Promise<OutcomesBenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'seedbed-bench-'))
  const { sink, close } = await openLiveOutcomes({ store: folder, role: 'bench', drainMs: 3_600_000 })
  try {
    const random = new SeededRandom('outcomes')
    const rows = Array.from({ length: 200 }, () => rowOf(candidates, random))
    const ackMs: number[] = []
    let next = 0
    const write = async (): Promise<void> => {
      while (next < ROWS) {
        const outcomes = Array.from({ length: ROWS_PER_APPEND }, () => outcomeOf(next++, rows))
        const startedMs = performance.now()
        await sink.append(outcomes)
        ackMs.push(performance.now() - startedMs)
      }
    }
    const cpu = process.cpuUsage()
    const startedMs = performance.now()
    await Promise.all(Array.from({ length: WRITERS }, write))
    const appendMs = performance.now() - startedMs
    await sink.drain()
    const storeMs = performance.now() - startedMs
    const { user, system } = process.cpuUsage(cpu)
    ackMs.sort((a, b) => a - b)
    return {
      ...{ candidates, rows: next },
      appendedPerSecond: (1000 * next) / appendMs,
      ackP50Ms: ackMs[Math.floor(ackMs.length / 2)],
      ackP99Ms: ackMs[Math.floor(0.99 * ackMs.length)],
      storedPerSecond: (1000 * next) / storeMs,
      cpuMicroseconds: (user + system) / next,
      journalBytesPerRow: outcomeLine(outcomeOf(0, rows)).length,
      peakRssBytes: 1024 * process.resourceUsage().maxRSS,
    }
  } finally {
    await close()
    await rm(folder, { recursive: true })
  }
}

const outcomeOf = (decision: number, rows: readonly OutcomeRow[]): Outcome => ({
  ...{ runId: 'bench', decision, receivedMs: Date.now(), reporter: '', trust: 1 },
  row: rows[decision % rows.length],
})

const peerId = (random: SeededRandom): string =>
  Array.from({ length: 5 }, () =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('')

const rowOf = (candidates: number, random: SeededRandom): OutcomeRow => ({
  ...{ place: 'tracker', contentId: 'c'.repeat(64), requesterId: peerId(random), requesterRegion: 'eu-west' },
  ...{ decidedMs: 1e12 * random.next(), chunk: -1, attempt: 1, policy: 'model', policyVersion: 'bench@1' },
  ...{ trackerPolicy: 'model', trackerPolicyVersion: 'bench@1', trackerRank: 0 },
  candidateIds: Array.from({ length: candidates }, () => peerId(random)),
  features: Float32Array.from({ length: candidates * FEATURE_COUNT }, () => random.next()),
  scores: Float32Array.from({ length: candidates }, () => random.next()),
  ...{ chosen: 0, propensity: 0.9, explored: false, reason: 'normal', result: 'listed' },
  ...{ connectMs: NaN, ttfbMs: NaN, durationMs: NaN, bytes: 0, requesterInflight: 0 },
  ...{ seedActive: NaN, seedQueued: NaN, deadlineSlackMs: NaN },
})
