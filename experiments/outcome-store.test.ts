import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FEATURE_COUNT, FEATURES } from '../peer/protocol/features.ts'
import type { OutcomeRow } from '../peer/ports/recorder.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { BATCH_ROWS } from './outcome-batch.ts'
import { mergeOutcomes, OutcomeWriter } from './outcome-store.ts'
import { randomOutcomes } from './outcomes.testing.ts'
import { query } from './parquet.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-outcomes-'))
afterAll(() => rmSync(folder, { recursive: true }))

const rows = randomOutcomes(BATCH_ROWS + 500, new SeededRandom('outcomes'))

async function write(name: string, outcomes: readonly OutcomeRow[], runId = "it's/0"): Promise<string> {
  const writer = await OutcomeWriter.open(folder)
  for (const row of outcomes) writer.add(row)
  expect(writer.rows).toBe(outcomes.length)
  return writer.finish(join(folder, name), { runId, cell: "it's", replication: 0, seed: '1/evaluate/0' })
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value)

describe('OutcomeWriter', () => {
  it('writes every row whole, in order', async () => {
    await write('whole.parquet', rows)
    const read = await query(`SELECT * FROM '${folder}/whole.parquet'`)
    expect(read).toHaveLength(rows.length)
    rows.forEach((row, i) => {
      const { features, ...rest } = row
      expect(read[i]).toMatchObject({
        run_id: "it's/0",
        cell: "it's",
        replication: 0,
        seed: '1/evaluate/0',
        decision: String(i),
        swarm: rest.contentId,
        place: rest.place,
        requester: rest.requesterId,
        requester_region: rest.requesterRegion,
        decided_ms: rest.decidedMs,
        chunk: rest.chunk,
        attempt: rest.attempt,
        policy: rest.policy,
        policy_version: rest.policyVersion,
        tracker_policy: rest.trackerPolicy,
        tracker_policy_version: rest.trackerPolicyVersion,
        tracker_rank: rest.trackerRank,
        candidate_ids: rest.candidateIds,
        scores: Array.from(rest.scores, known),
        chosen: rest.chosen,
        propensity: rest.propensity,
        explored: rest.explored,
        reason: rest.reason,
        result: rest.result,
        connect_ms: known(rest.connectMs),
        ttfb_ms: known(rest.ttfbMs),
        duration_ms: known(rest.durationMs),
        bytes: String(rest.bytes),
        requester_inflight: rest.requesterInflight,
        seed_active: known(rest.seedActive),
        seed_queued: known(rest.seedQueued),
        deadline_slack_ms: null,
      })
      FEATURES.forEach(({ name }, f) => {
        const values = rest.candidateIds.map((_, c) => known(features[c * FEATURE_COUNT + f]))
        expect(read[i][`f_${name}`]).toEqual(values)
      })
    })
  })

  it('has the columns that are documented', async () => {
    await write('columns.parquet', rows.slice(0, 3))
    const columns = await query(`DESCRIBE SELECT * FROM '${folder}/columns.parquet'`)
    const types = Object.fromEntries(
      columns.map(({ column_name, column_type }) => [column_name, column_type]),
    )
    expect(types).toEqual({
      ...Object.fromEntries(
        [
          'run_id',
          'cell',
          'seed',
          'swarm',
          'place',
          'requester',
          'requester_region',
          'policy',
          'policy_version',
        ]
          .concat('tracker_policy', 'tracker_policy_version', 'reason', 'result')
          .map((name) => [name, 'VARCHAR']),
      ),
      ...Object.fromEntries(
        [
          'replication',
          'chunk',
          'attempt',
          'tracker_rank',
          'chosen',
          'requester_inflight',
          'seed_active',
          'seed_queued',
        ].map((name) => [name, 'INTEGER']),
      ),
      ...Object.fromEntries(
        ['decided_ms', 'propensity', 'connect_ms', 'ttfb_ms', 'duration_ms', 'deadline_slack_ms'].map(
          (name) => [name, 'DOUBLE'],
        ),
      ),
      ...Object.fromEntries(FEATURES.map(({ name }) => [`f_${name}`, 'FLOAT[]'])),
      decision: 'BIGINT',
      bytes: 'BIGINT',
      explored: 'BOOLEAN',
      candidate_ids: 'VARCHAR[]',
      scores: 'FLOAT[]',
    })
  })

  it('writes a file of no rows', async () => {
    await write('none.parquet', [])
    expect(await query(`SELECT count(*)::INTEGER AS n FROM '${folder}/none.parquet'`)).toEqual([{ n: 0 }])
  })

  it('leaves nothing under another name', async () => {
    await write('alone.parquet', rows.slice(0, 10))
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([])
  })

  it('merges files in the order given', async () => {
    await write('b.parquet', rows.slice(0, 700), 'b/0')
    await write('a.parquet', rows.slice(700, 900), 'a/0')
    await mergeOutcomes(
      ['b', 'a'].map((name) => join(folder, `${name}.parquet`)),
      join(folder, 'm.parquet'),
      folder,
    )
    const merged = await query(`SELECT run_id, decision::INTEGER AS decision FROM '${folder}/m.parquet'`)
    expect(merged).toEqual([
      ...Array.from({ length: 700 }, (_, decision) => ({ run_id: 'b/0', decision })),
      ...Array.from({ length: 200 }, (_, decision) => ({ run_id: 'a/0', decision })),
    ])
  })
})

describe('the hash', () => {
  it('is the same for the same rows, and not for others', async () => {
    const hash = await write('hash.parquet', rows)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await write('hash.parquet', rows)).toBe(hash)
    const changed = rows.with(BATCH_ROWS + 3, { ...rows[BATCH_ROWS + 3], durationMs: 1.5 })
    expect(await write('hash.parquet', changed)).not.toBe(hash)
    expect(await write('hash.parquet', rows.slice(1))).not.toBe(hash)
    const [first, second, ...others] = rows
    expect(await write('hash.parquet', [second, first, ...others])).not.toBe(hash)
  })

  it('does not tell one NaN from another', async () => {
    const odd = new Float32Array(Uint32Array.of(0xffc00001).buffer)
    expect(odd[0]).toBeNaN()
    const row = rows.find(({ features }) => Number.isNaN(features[0]))!
    const features = row.features.slice()
    new Uint32Array(features.buffer)[0] = 0xffc00001
    const hash = await write('nan.parquet', [row])
    expect(await write('nan.parquet', [{ ...row, features }])).toBe(hash)
  })

  it('tells equal texts in different columns apart', async () => {
    const [row] = rows
    const hash = await write('texts.parquet', [{ ...row, reason: 'normal', policy: 'x', policyVersion: 'y' }])
    expect(
      await write('texts.parquet', [{ ...row, reason: 'normal', policy: 'y', policyVersion: 'x' }]),
    ).not.toBe(hash)
  })
})
