import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { randomOutcomes } from './outcomes.testing.ts'
import { query } from './parquet.testing.ts'
import { ParquetRecorder } from './parquet-recorder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-recorder-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const rows = randomOutcomes(50, new SeededRandom('recorder'))

it('writes a file a flush, readable together', async () => {
  const recorder = new ParquetRecorder({ folder: join(folder, 'live'), runId: 'tracker-1' })
  for (const row of rows.slice(0, 20)) recorder.record(row)
  await recorder.flush()
  await recorder.flush()
  for (const row of rows.slice(20)) recorder.record(row)
  await recorder.close()
  expect(readdirSync(join(folder, 'live')).sort()).toEqual(['tracker-1.0.parquet', 'tracker-1.1.parquet'])
  const read = await query(
    `SELECT run_id, cell, requester FROM '${folder}/live/*.parquet' ORDER BY filename, decision`,
  )
  expect(read).toEqual(
    rows.map(({ requesterId }) => ({ run_id: 'tracker-1', cell: 'live', requester: requesterId })),
  )
})

it('flushes by itself when enough rows wait', async () => {
  const recorder = new ParquetRecorder({ folder, runId: 'peer', flushRows: 10 })
  for (const row of rows.slice(0, 10)) recorder.record(row)
  await recorder.close()
  expect(readdirSync(folder)).toEqual(['peer.0.parquet'])
})

it('drops and counts what exceeds its limit', async () => {
  const recorder = new ParquetRecorder({ folder, runId: 'peer', maxPendingRows: 5 })
  for (const row of rows.slice(0, 8)) recorder.record(row)
  expect(recorder.wants('peer')).toBe(false)
  expect(recorder.dropped).toBe(3)
  await recorder.close()
  expect(recorder.wants('peer')).toBe(true)
  expect(await query(`SELECT count(*)::INTEGER AS n FROM '${folder}/*.parquet'`)).toEqual([{ n: 5 }])
})

it('tells of a flush that fails, and goes on', async () => {
  const errors: Error[] = []
  const recorder = new ParquetRecorder({
    folder: join('/dev/null', 'nowhere'),
    runId: 'peer',
    flushRows: 2,
    onError: (error) => errors.push(error),
  })
  recorder.record(rows[0])
  recorder.record(rows[1])
  await recorder.close()
  expect(errors).toHaveLength(1)
  recorder.record(rows[2])
  await expect(recorder.close()).rejects.toThrow('ENOTDIR')
})
