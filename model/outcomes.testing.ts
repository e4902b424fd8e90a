import { writeFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import type { FeatureName } from '../peer/protocol/features.ts'
import { FEATURES } from '../peer/protocol/features.ts'
import type { Random } from '../peer/ports/random.ts'
import { normal } from './mlp.ts'

/** A row of outcomes.parquet, as far as tests care; the rest is filled in. */
export interface TestOutcome {
  readonly run_id?: string
  readonly seed?: string
  readonly swarm?: string
  readonly requester?: string
  readonly decided_ms?: number
  readonly place?: string
  readonly policy?: string
  readonly reason?: string
  readonly result?: string
  readonly duration_ms?: number
  readonly bytes?: number
  readonly propensity?: number
  /** Known features of each candidate. */
  readonly candidates?: readonly Partial<Record<FeatureName, number>>[]
  readonly chosen?: number
  /** Names of the candidates where they are not seed-0, seed-1 … */
  readonly candidate_ids?: readonly string[]
}

/** Writes rows as an outcomes.parquet, with the features in list columns. */
export async function writeOutcomes(path: string, rows: readonly TestOutcome[]): Promise<void> {
  const json = `${path}.ndjson`
  writeFileSync(json, rows.map((row, i) => `${JSON.stringify(toColumns(row, i))}\n`).join(''))
  const types = {
    ...{ run_id: 'VARCHAR', seed: 'VARCHAR', swarm: 'VARCHAR', decision: 'BIGINT', place: 'VARCHAR' },
    ...{ requester: 'VARCHAR', decided_ms: 'DOUBLE', policy: 'VARCHAR', chosen: 'INT', propensity: 'DOUBLE' },
    ...{ reason: 'VARCHAR', result: 'VARCHAR', duration_ms: 'DOUBLE', bytes: 'BIGINT' },
    candidate_ids: 'VARCHAR[]',
    ...Object.fromEntries(FEATURES.map(({ name }) => [`f_${name}`, 'FLOAT[]'])),
  }
  const columns = Object.entries(types).map(([name, type]) => `${name}: '${type}'`)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rowsOf = `read_json('${json}', format = 'newline_delimited', columns = {${columns.join(', ')}})`
  await connection.run(`COPY (FROM ${rowsOf}) TO '${path}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
}

function toColumns(row: TestOutcome, decision: number): Record<string, unknown> {
  const { candidates = [{}], ...given } = row
  const features = FEATURES.map(({ name }) => [`f_${name}`, candidates.map((one) => one[name] ?? null)])
  return {
    ...{ run_id: 'random/0', seed: '1', swarm: 'swarm', decision, place: 'peer', requester: 'peer' },
    ...{ decided_ms: decision, policy: 'random', chosen: 0, propensity: 1, reason: 'normal', result: 'ok' },
    ...{ duration_ms: 1000, bytes: 1000, candidate_ids: candidates.map((_, i) => `seed-${i}`) },
    ...given,
    ...Object.fromEntries(features),
  }
}

/**
 * Fetches of several seeds and requesters whose goodput falls with the chosen seed's queue and, less, with distance; the
 * own moving average is a noisy hint. One in twenty times out.
 */
export function simulatedOutcomes(
  seeds: number,
  requesters: number,
  fetches: number,
  random: Random,
): TestOutcome[] {
  const rows: TestOutcome[] = []
  for (let seed = 0; seed < seeds; seed++)
    for (let requester = 0; requester < requesters; requester++)
      for (let fetch = 0; fetch < fetches; fetch++) {
        const candidates = Array.from({ length: 3 }, () => {
          const queued = random.below(8)
          const rttMs = Math.exp(3 + normal(random))
          const goodputBps = Math.exp(13 - 0.4 * queued - 0.2 * Math.log(rttMs) + 0.1 * normal(random))
          const hint = random.next() < 0.3 ? {} : { goodput_bps: goodputBps * Math.exp(normal(random)) }
          return {
            queued_uploads: queued,
            active_uploads: 4,
            upload_slots: 4,
            rtt_ms: rttMs,
            truth: goodputBps,
            ...hint,
          }
        })
        const chosen = random.below(3)
        const timedOut = random.next() < 0.05
        rows.push({
          ...{ run_id: `random/${seed}`, seed: `seed-${seed}`, swarm: `swarm-${seed}` },
          ...{
            requester: `peer-${requester}`,
            decided_ms: fetch * 500,
            chosen,
            propensity: 1 / 3,
            candidates,
          },
          ...(timedOut
            ? { result: 'timeout', duration_ms: 20_000, bytes: 0 }
            : { duration_ms: (1e6 / candidates[chosen].truth) * 1000, bytes: 1e6 }),
        })
      }
  return rows
}
