import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LoadedModel, loadModel } from '../../model/load-model.ts'
import { trainFromRuns } from '../../model/train-run.ts'
import { type LivePeerOptions, startGet, startSeed } from '../../peer/live/compose.ts'
import { SIM_DEFAULTS } from '../../sim/config.ts'
import { rttEstimateMs } from '../../sim/regions.ts'
import { startTracker } from '../../tracker/live/compose.ts'
import { simulate } from '../simulate.ts'
import { openLiveOutcomes } from '../store/live-outcomes.ts'

const FILE_BYTES = 64 * 1024 * 1024
const CHUNKS = 64
const PEERS = 5

let dir: string
let model: LoadedModel

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seedbed-loopback-'))
  const parquetPaths: string[] = []
  const random = { policy: 'random', explore: null, model: null } as const
  for (let replication = 0; replication < 4; replication++) {
    const outcomesPath = join(dir, `simulated-${replication}.parquet`)
    const seed = `loopback/${replication}`
    await simulate({
      ...{
        runId: `random/${replication}`,
        cell: 'random',
        replication,
        seed,
        outcomesPath,
        spillFolder: dir,
      },
      config: {
        ...SIM_DEFAULTS,
        seed,
        workload: { kind: 'download', contents: 1, contentBytes: 8_000_000, chunkBytes: 500_000 },
        swarm: { ...SIM_DEFAULTS.swarm, peers: 16 },
      },
      policies: { tracker: random, peer: random },
    })
    parquetPaths.push(outcomesPath)
  }
  const options = { hidden: [8], maxEpochs: 2 }
  await trainFromRuns({ parquetPaths, outDir: join(dir, 'model'), name: 'small', seed: 's', options })
  model = loadModel(join(dir, 'model'))
}, 120_000)
afterAll(() => rm(dir, { recursive: true }))

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** The rows of a query, over the live outcomes as `live` and the simulated ones as `simulated`. */
async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run(
      `CREATE VIEW live AS FROM read_parquet('${join(dir, 'store', 'outcomes')}/*.parquet')`,
    )
    await connection.run(`CREATE VIEW simulated AS FROM read_parquet('${join(dir, 'simulated-0.parquet')}')`)
    return (await connection.runAndReadAll(sql)).getRowObjects()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

it('five peers and an origin exchange a file, and a model trained in simulation ranks for them', async () => {
  const path = join(dir, 'film.bin')
  await writeFile(path, randomBytes(FILE_BYTES))
  const store = join(dir, 'store')
  const kept = await Promise.all(['tracker', 'peers'].map((role) => openLiveOutcomes({ store, role })))
  const [trackerRows, peerRows] = kept.map(({ recorder }) => recorder)
  const tracker = await startTracker({
    ...{ host: '127.0.0.1', port: 0, policy: { name: 'model' }, model, recorder: trackerRows, rttEstimateMs },
    settings: { announceMs: 1000 },
  })
  const options: LivePeerOptions = {
    trackers: [tracker.url],
    listen: { host: '127.0.0.1', port: 0 },
    region: 'eu-west',
    policy: { name: 'least-loaded' },
    recorder: peerRows,
    settings: { originAfterMs: 50 },
  }
  const origin = await startSeed({ ...options, files: [path], isOrigin: true })
  const { contentId } = origin.contents[0].manifest
  const peers = await Promise.all(
    Array.from({ length: PEERS }, (_, i) =>
      startGet({ ...options, contentId, outDir: join(dir, `peer-${i}`) }),
    ),
  )
  const results = await Promise.all(peers.map(({ done }) => done))
  await Promise.all([origin, ...peers].map((peer) => peer.leave()))
  await tracker.stop()
  await Promise.all(kept.map((one) => one.close()))

  const hash = await sha256Of(path)
  for (const result of results) expect(await sha256Of(result.path)).toBe(hash)
  for (const { stats } of results) expect(stats.downloadedBytes).toBe(FILE_BYTES)
  expect(results.some(({ stats }) => stats.fromPeerBytes > stats.fromOriginBytes)).toBe(true)

  const [live, simulated] = [await query('DESCRIBE live'), await query('DESCRIBE simulated')]
  expect(live.slice(0, simulated.length)).toEqual(simulated)
  expect(live.slice(simulated.length).map(({ column_name }) => column_name)).toEqual([
    'received_ms',
    'reporter',
    'trust',
  ])
  const fetched = await query(
    `SELECT requester, count(DISTINCT chunk) AS chunks, sum(bytes)::DOUBLE AS bytes
     FROM live WHERE place = 'peer' AND result = 'ok' AND policy = 'least-loaded' GROUP BY requester`,
  )
  expect(fetched).toHaveLength(PEERS)
  for (const { chunks, bytes } of fetched) expect([Number(chunks), bytes]).toEqual([CHUNKS, FILE_BYTES])

  const ranked = `policy = 'model' AND policy_version = '${model.label}'`
  const [{ listed, scored }] = await query(
    `SELECT count(*) AS listed, count(*) FILTER (list_max(scores) <> 0) AS scored
     FROM live WHERE place = 'tracker' AND result = 'listed' AND ${ranked}`,
  )
  expect(Number(listed)).toBeGreaterThan(0)
  expect(scored).toBe(listed)
  expect(await query(`SELECT * FROM live WHERE place = 'tracker' AND NOT (${ranked})`)).toEqual([])
  const [{ named }] = await query(
    `SELECT count(*) AS named FROM live WHERE place = 'peer'
     AND tracker_policy = 'model' AND tracker_policy_version = '${model.label}' AND tracker_rank >= 0`,
  )
  expect(Number(named)).toBeGreaterThan(0)
}, 120_000)
