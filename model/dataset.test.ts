import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Dataset } from './dataset.ts'
import { loadDataset } from './dataset.ts'
import type { RankingGroups } from './groups.ts'
import { NO_ITEM } from './groups.ts'
import { resolveTrainingOptions } from './options.ts'
import type { TestOutcome } from './outcomes.testing.ts'
import { writeOutcomes } from './outcomes.testing.ts'

const options = resolveTrainingOptions({ groupSize: 4, windowMs: 1000 })
let folder: string
let files = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-dataset-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function write(rows: readonly TestOutcome[]): Promise<string> {
  const path = join(folder, `${files++}.parquet`)
  await writeOutcomes(path, rows)
  return path
}

/** Two plain fetches for each seed that is not under test, so that every split has a unit. */
const others: TestOutcome[] = ['x', 'y', 'z'].flatMap((seed) => [
  { seed, run_id: seed },
  { seed, run_id: seed },
])

/** The groups of the seed under test, wherever its hash put it. */
async function groupsOf(rows: readonly TestOutcome[], settings = options): Promise<RankingGroups> {
  const named = rows.map((row) => ({ seed: 'tested', run_id: 'tested', swarm: 'tested', ...row }))
  const dataset = await loadDataset([await write([...others, ...named])], settings)
  const isOther = ({ utility }: RankingGroups) => utility[0] === Math.fround(Math.log(1000))
  const found = [dataset.train, dataset.validation, dataset.test].flatMap((part) =>
    Array.from(part.lengths, (_, group) => slice(part, group)),
  )
  return merge(found.filter((group) => !isOther(group)))
}

function slice(groups: RankingGroups, group: number): RankingGroups {
  const at = group * groups.size
  const end = at + groups.size
  return {
    size: groups.size,
    lengths: groups.lengths.slice(group, group + 1),
    features: groups.features.slice(at * FEATURE_COUNT, end * FEATURE_COUNT),
    utility: groups.utility.slice(at, end),
    logWeight: groups.logWeight.slice(at, end),
  }
}

function merge(groups: readonly RankingGroups[]): RankingGroups {
  const flat = (key: 'features' | 'utility' | 'logWeight') =>
    Float32Array.from(groups.flatMap((g) => [...g[key]]))
  return {
    size: options.groupSize,
    lengths: Uint16Array.from(groups.flatMap(({ lengths }) => [...lengths])),
    features: flat('features'),
    utility: flat('utility'),
    logWeight: flat('logWeight'),
  }
}

it('groups the fetches of one requester that lie close in time', async () => {
  const at = (requester: string, ...times: number[]) =>
    times.map((decided_ms) => ({ requester, decided_ms, bytes: 2000 }))
  const { lengths } = await groupsOf([
    ...at('full', 0, 1, 2, 3, 4, 5),
    ...at('late', 0, 500, 1001, 1002),
    ...at('alone', 0),
  ])
  expect([...lengths].sort()).toEqual([2, 2, 2, 4])
})

it('takes the features of the chosen candidate; what is null is unknown', async () => {
  const candidates = [{ rtt_ms: 1 }, { rtt_ms: 50, queued_uploads: 3 }]
  const groups = await groupsOf([
    { chosen: 1, candidates, bytes: 2000 },
    { chosen: 0, candidates, bytes: 2000 },
  ])
  const value = (item: number, index: number) => groups.features[item * FEATURE_COUNT + index]
  expect(value(0, FEATURE_INDEX.rtt_ms)).toBe(50)
  expect(value(0, FEATURE_INDEX.queued_uploads)).toBe(3)
  expect(value(0, FEATURE_INDEX.goodput_bps)).toBeNaN()
  expect(value(1, FEATURE_INDEX.queued_uploads)).toBeNaN()
  expect([...groups.logWeight.slice(2)]).toEqual([NO_ITEM, NO_ITEM])
})

it('takes what a tracker of unmodified clients knew when it last named the seed to the requester', async () => {
  const names = { candidate_ids: ['a', 'b'] }
  const listed = { place: 'tracker', result: 'listed', ...names }
  const rows: TestOutcome[] = [
    { ...listed, decided_ms: 10, candidates: [{ is_seed: 1 }, { upload_mean_bps: 100 }] },
    { ...listed, decided_ms: 30, candidates: [{ is_seed: 1 }, { upload_mean_bps: 300 }] },
    { ...listed, decided_ms: 15, requester: 'another', candidates: [{}, { upload_mean_bps: 7 }] },
    { ...names, decided_ms: 20, chosen: 1, candidates: [{}, { goodput_bps: 5 }], bytes: 2000 },
    { ...names, decided_ms: 40, chosen: 1, candidates: [{}, { goodput_bps: 5 }], bytes: 2000 },
    // Of a seed that the tracker never named to this one.
    { candidate_ids: ['c'], decided_ms: 45, bytes: 2000 },
  ]
  const seen = others.map((row) => ({
    ...row,
    ...listed,
    swarm: 'swarm',
    candidate_ids: ['seed-0'],
    decided_ms: -1,
  }))
  const groups = await groupsOf([...rows, ...seen], { ...options, observable: 'tracker-only' })
  expect([...groups.lengths]).toEqual([2])
  const value = (item: number, index: number) => groups.features[item * FEATURE_COUNT + index]
  expect([0, 1].map((item) => value(item, FEATURE_INDEX.upload_mean_bps))).toEqual([100, 300])
  expect(value(0, FEATURE_INDEX.goodput_bps)).toBeNaN()
})

it('makes utility of goodput, and of the time that a failure wasted and a retry takes', async () => {
  const ok = { bytes: 1_000_000, duration_ms: 2000 }
  const failed = { bytes: 0, duration_ms: 6000 }
  const { utility } = await groupsOf([
    ok,
    { ...failed, result: 'timeout' },
    { ...failed, result: 'busy', duration_ms: 20 },
  ])
  const expected = [500_000, 125_000, 1e9 / 2020].map(Math.log)
  expected.forEach((value, i) => expect(utility[i]).toBeCloseTo(value, 4))
})

it('leaves out what is censored, tracker decisions and fetches from the origin', async () => {
  const { lengths } = await groupsOf([
    { bytes: 2000 },
    { bytes: 2000, reason: 'endgame' },
    { result: 'cancelled' },
    { place: 'tracker', result: 'listed' },
    { reason: 'origin' },
  ])
  expect([...lengths]).toEqual([2])
})

it('weighs by clipped inverse propensity', async () => {
  const rows = [0.5, 0.25, 0.001].map((propensity) => ({ propensity, bytes: 2000 }))
  const { logWeight } = await groupsOf(rows)
  ;[2, 4, 20].forEach((weight, i) => expect(logWeight[i]).toBeCloseTo(Math.log(weight), 5))
})

it('keeps seeds apart, says what it read, and samples whole requesters above the limit', async () => {
  const seeds = Array.from({ length: 8 }, (_, i) => `seed-${i}`)
  const rows = seeds.flatMap((seed, i) =>
    Array.from({ length: 100 }, (_, fetch) => ({
      ...{ seed, run_id: seed, requester: `peer-${fetch >> 2}`, decided_ms: fetch & 3 },
      candidates: [{ rtt_ms: i }],
      policy: i % 2 === 0 ? 'random' : 'nearest',
    })),
  )
  const path = await write(rows)
  const all = await loadDataset([path], options)
  expect(all.summary).toEqual({
    rows: 800,
    policies: { nearest: 400, random: 400 },
    results: { ok: 800 },
    sampledShare: 1,
    splitBy: 'seed',
    units: { train: 6, validation: 1, test: 1 },
  })
  const seen = (part: RankingGroups) => new Set(part.features.filter((v) => !Number.isNaN(v)))
  const parts = [all.train, all.validation, all.test].map(seen)
  expect(parts.map(({ size }) => size)).toEqual([6, 1, 1])
  expect(new Set(parts.flatMap((values) => [...values])).size).toBe(8)

  const some = await loadDataset([path], { ...options, maxRows: 400 })
  expect(some.summary.sampledShare).toBe(0.5)
  expect(some.summary.rows).toBeGreaterThan(200)
  expect(some.summary.rows).toBeLessThan(600)
  expect(new Set(lengthsOf(some))).toEqual(new Set([4]))
})

const lengthsOf = ({ train, validation, test }: Dataset) =>
  [train, validation, test].flatMap((p) => [...p.lengths])

it('says what is wrong with what it was given', async () => {
  await expect(loadDataset([], options)).rejects.toThrow('no outcome files to read')
  await expect(loadDataset([join(folder, 'none.parquet')], options)).rejects.toThrow(
    /^invalid outcomes ".*none.parquet"/,
  )
  const narrow = join(folder, 'narrow.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (SELECT 'a' AS run_id) TO '${narrow}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
  await expect(loadDataset([narrow], options)).rejects.toThrow(
    /: no column seed, swarm, .*run the experiment again/,
  )
  await expect(loadDataset([await write(others.slice(0, 4))], options)).rejects.toThrow(
    /^too few swarms to hold some out: 2 .*--replications 3/,
  )
  await expect(loadDataset([await write([others[0]])], options)).rejects.toThrow(
    /^no requester made two fetches/,
  )
})
