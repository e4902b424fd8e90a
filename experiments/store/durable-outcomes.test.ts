import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { outcome, readAll } from '../../peer/ports/outcome-store.contract.ts'
import type { OutcomeStore } from '../../peer/ports/outcome-store.ts'
import { FEATURE_COUNT } from '../../peer/protocol/features.ts'
import { startMongoProcess } from '../../tools/testing/mongo.ts'
import { requireSystem } from '../../tools/testing/system.ts'
import { row } from '../../peer/ports/recorder.contract.ts'
import { DurableOutcomes, type DurableOptions } from './durable-outcomes.ts'
import { openStore } from './open-store.ts'
import { SinkRecorder } from './sink-recorder.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-durable-'))
afterAll(() => rmSync(folder, { recursive: true }))

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => outcome(from + n))

async function openAll(root = mkdtempSync(join(folder, 'store-')), options: Partial<DurableOptions> = {}) {
  const store = await openStore(root)
  const warnings: string[] = []
  const open = (outcomes: OutcomeStore = store.outcomes): Promise<DurableOutcomes> =>
    DurableOutcomes.open({
      ...{ store: outcomes, journalRoot: join(root, 'journal'), warn: (text) => warnings.push(text) },
      ...options,
    })
  return { root, outcomes: store.outcomes, warnings, open }
}

const journalFiles = (root: string): string[] =>
  readdirSync(join(root, 'journal', '0')).filter((name) => name.endsWith('.journal'))

it('carries what it acknowledged to the store, and removes it from the journal only then', async () => {
  const { root, outcomes, open } = await openAll()
  const durable = await open()
  await durable.append(numbers(0, 5))
  await durable.append([])
  expect(journalFiles(root)).toHaveLength(1)
  await durable.drain()
  expect(journalFiles(root)).toEqual([])
  expect(durable.state).toMatchObject({ queuedBytes: 0, isStoreUp: true, drained: 5 })
  await durable.append(numbers(3, 7))
  await durable.close()
  expect(await readAll(outcomes)).toEqual(numbers(0, 7))
})

it('keeps rows once when a crash comes between the store and the removal', async () => {
  const { root, outcomes, open } = await openAll()
  const durable = await open()
  await durable.append(numbers(0, 5))
  const [name] = journalFiles(root)
  const path = join(root, 'journal', '0', name)
  const content = readFileSync(path)
  await durable.close()
  writeFileSync(path, content)
  await (await open()).close()
  expect(journalFiles(root)).toEqual([])
  expect(await readAll(outcomes)).toEqual(numbers(0, 5))
})

it('drops a torn line, keeps a damaged segment aside, and says so', async () => {
  const { root, outcomes, warnings, open } = await openAll()
  const durable = await open({ ...outcomes, insert: () => Promise.reject(new Error('down')) } as OutcomeStore)
  await durable.append(numbers(0, 3))
  await durable.close()
  const path = join(root, 'journal', '0', journalFiles(root)[0])
  appendFileSync(path, '01234567 ["a",3,17')
  warnings.length = 0
  const again = await open()
  await again.drain()
  expect([journalFiles(root), warnings]).toEqual([[], []])
  await again.append(numbers(3, 6))
  const second = join(root, 'journal', '0', journalFiles(root)[0])
  const content = readFileSync(second)
  content[content.indexOf('\n') + 30] ^= 1
  writeFileSync(second, content)
  await again.close()
  expect(await readAll(outcomes)).toEqual([...numbers(0, 3), ...numbers(4, 6)])
  expect(warnings).toEqual([expect.stringContaining('damaged is damaged: 1 lines in it are not intact; 2')])
  expect(readFileSync(second.replace('.journal', '.damaged'))).toEqual(content)
})

it('takes over what other processes have left', async () => {
  const { root, outcomes, open } = await openAll()
  const down = { ...outcomes, insert: () => Promise.reject(new Error('down')) } as OutcomeStore
  const [first, second] = [await open(down), await open(down)]
  await first.append(numbers(0, 2))
  await second.append(numbers(2, 4))
  await first.close()
  await second.close()
  let stored: () => void
  const both = new Promise<void>((resolve) => (stored = resolve))
  let count = 0
  const counting = {
    read: () => outcomes.read(),
    expire: (ms: number) => outcomes.expire(ms),
    insert: async (given: Parameters<OutcomeStore['insert']>[0]) => {
      const fresh = await outcomes.insert(given)
      if ((count += fresh) === 4) stored()
      return fresh
    },
  }
  const third = await open(counting)
  await both
  await third.close()
  expect(await readAll(outcomes)).toEqual(numbers(0, 4))
  expect(readdirSync(join(root, 'journal', '1'))).toEqual(['lock'])
})

it('refuses rows of names and lists that do not do', async () => {
  const { open } = await openAll()
  const durable = await open()
  const refused = [
    outcome(1, { runId: '' }),
    outcome(1, { runId: 'a b' }),
    outcome(-1),
    outcome(0.5),
    outcome(1, { reporter: 'x'.repeat(129) }),
    outcome(1, { trust: 1.1 }),
    outcome(1, { trust: NaN }),
    outcome(1, { row: row({ chosen: 2 }) }),
    outcome(1, { row: row({ scores: new Float32Array(1) }) }),
    outcome(1, { row: row({ features: new Float32Array(FEATURE_COUNT) }) }),
    outcome(1, { row: row({ policy: 'x'.repeat(1024 * 1024) }) }),
  ]
  for (const one of refused) await expect(durable.append([one])).rejects.toThrow(/^invalid /)
  expect(durable.state.queuedBytes).toBe(0)
  await durable.close()
})

it('records what a core gives it, numbered, and again where the sink refuses', async () => {
  const { outcomes, open } = await openAll(undefined, { maxQueueBytes: 6000 })
  const durable = await open()
  const recorder = new SinkRecorder({ sink: durable, runId: 'tracker-1', maxPendingRows: 8 })
  for (let n = 0; n < 3; n++) recorder.record(row({ chunk: n }))
  await recorder.close()
  await durable.drain()
  const full = new SinkRecorder({ sink: durable, runId: 'tracker-2', maxPendingRows: 40 })
  for (let n = 0; n < 50; n++) full.record(row({ chunk: n }))
  expect([full.wants('peer'), full.dropped]).toEqual([false, 10])
  await full.close()
  expect(full.dropped).toBe(50)
  await durable.close()
  const kept = await readAll(outcomes)
  expect(kept.map(({ runId, decision, row: { chunk } }) => [runId, decision, chunk])).toEqual(
    [0, 1, 2].map((n) => ['tracker-1', n, n]),
  )
})

it('records a share of what a core decides', async () => {
  const sink = { append: () => Promise.resolve() }
  const wanted = (share: number): number => {
    const recorder = new SinkRecorder({ sink, runId: 'tracker-1', share })
    return Array.from({ length: 2000 }, () => recorder.wants('tracker')).filter((wants) => wants).length
  }
  expect([wanted(0), wanted(1)]).toEqual([0, 2000])
  // Six standard deviations of a binomial distribution on either side.
  expect(Math.abs(wanted(0.25) - 500)).toBeLessThan(6 * Math.sqrt(2000 * 0.25 * 0.75))
})

it('queues while a database server is down, and drains once when it is back', async (context) => {
  const program = requireSystem('mongo-server', context)
  const files = mkdtempSync(join(folder, 'mongo-'))
  const first = await startMongoProcess(program, files)
  const port = Number(new URL(first.uri).port)
  const store = await openStore(`mongodb://127.0.0.1:${port}/test?serverSelectionTimeoutMS=200`)
  const warnings: string[] = []
  const journalRoot = mkdtempSync(join(folder, 'journal-'))
  const durable = await DurableOutcomes.open({
    ...{ store: store.outcomes, journalRoot },
    warn: (text) => warnings.push(text),
  })
  await durable.append(numbers(0, 10))
  await durable.drain()
  await first.stop()
  await durable.append(numbers(10, 20))
  await expect(durable.drain()).rejects.toThrow(/ECONNREFUSED|closed/)
  await durable.append(numbers(20, 30))
  await expect(durable.drain()).rejects.toThrow(/ECONNREFUSED|closed/)
  expect(durable.state.queuedBytes).toBeGreaterThan(0)
  const second = await startMongoProcess(program, files, port)
  await durable.drain()
  expect(durable.state.queuedBytes).toBe(0)
  expect(await readAll(store.outcomes)).toEqual(numbers(0, 30))
  await durable.close()
  await store.close()
  await second.stop()
})
