import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { loadDataset } from '../model/dataset.ts'
import { resolveTrainingOptions } from '../model/options.ts'
import { outcome } from '../peer/ports/outcome-store.contract.ts'
import type { Outcome } from '../peer/ports/outcome-sink.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { startMongo } from '../tools/testing/mongo.ts'
import { randomOutcomes } from './outcomes.testing.ts'
import { DurableOutcomes } from './store/durable-outcomes.ts'
import { journalRootOf } from './store/live-outcomes.ts'
import { openStore } from './store/open-store.ts'
import { withTrainingSources } from './training-sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-sources-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SWARMS = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(64))

/** Fetches of five peers in four swarms, half of them reported in batches of ten. */
const outcomes: Outcome[] = randomOutcomes(400, new SeededRandom('sources')).map((row, n) =>
  outcome(n % 10, {
    ...(n % 2 === 0
      ? { runId: `tracker-${Math.floor(n / 10)}`, reporter: '', trust: 1 }
      : { runId: `report-${Math.floor(n / 10)}`, reporter: 'somebody', trust: n % 3 === 0 ? 0 : 0.5 }),
    row: {
      ...row,
      ...{ contentId: SWARMS[n % 4], requesterId: String(n % 5).repeat(40), place: 'peer', reason: 'normal' },
      ...{ decidedMs: n, propensity: 0.5, durationMs: 100 + n, bytes: 1000 },
    },
  }),
)

const notices: string[] = []
const datasetOf = (...given: string[]) =>
  withTrainingSources(
    given,
    (text) => notices.push(text),
    async ({ parquetPaths, sources }) => ({
      dataset: await loadDataset(parquetPaths, resolveTrainingOptions({})),
      sources,
    }),
  )

it('reads a folder and a database alike, and what is left in the queue', async (context) => {
  const path = join(folder, 'store')
  const first = await openStore(path)
  await first.outcomes.insert(outcomes.slice(0, 150))
  await first.outcomes.insert(outcomes.slice(100, 300))
  const down = {
    ...first.outcomes,
    insert: () => Promise.reject(new Error('down')),
    read: first.outcomes.read,
  }
  const queue = await DurableOutcomes.open({
    store: { ...down, expire: () => Promise.resolve() },
    journalRoot: journalRootOf(path, path),
  })
  await queue.append(outcomes.slice(250))
  await queue.close()
  const server = await startMongo(context)
  const uri = server.freshDatabase()
  const second = await openStore(uri)
  await second.outcomes.insert(outcomes)
  await second.close()

  const fromFolder = await datasetOf(path)
  const fromDatabase = await datasetOf(uri)
  await server.stop()
  expect(fromFolder.sources).toEqual([path])
  expect(fromDatabase.sources).toEqual([uri])
  expect(fromDatabase.dataset).toEqual(fromFolder.dataset)
  const { summary, train } = fromFolder.dataset
  // Every requester of a swarm is one list per reporter, whatever report its rows came in.
  expect(summary).toMatchObject({ splitBy: 'seed and swarm', units: { train: 2, validation: 1, test: 1 } })
  const weights = [...train.logWeight].filter((weight) => weight > -100).map(Math.exp)
  expect(new Set(weights.map((weight) => weight.toFixed(3)))).toEqual(new Set(['1.000', '2.000']))
  expect(notices).toEqual([])
})

it('says where there is nothing to learn from', async () => {
  const empty = join(folder, 'empty')
  await (await openStore(empty)).outcomes.expire(0)
  await expect(datasetOf(empty)).rejects.toThrow(`no outcomes in "${empty}" yet`)
  await expect(datasetOf(folder)).rejects.toThrow('invalid run folder')
  await expect(datasetOf('mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=50')).rejects.toThrow(
    'ECONNREFUSED',
  )
})
