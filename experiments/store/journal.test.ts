import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { outcome } from '../../peer/ports/outcome-store.contract.ts'
import { Journal, type JournalOptions } from './journal.ts'
import { outcomeLine, readSegment } from './journal-format.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))

const freshRoot = (): string => mkdtempSync(join(folder, 'root-'))
const OPTIONS: JournalOptions = { maxBytes: 1e6, segmentBytes: 1e5 }
const line = (decision: number): string => outcomeLine(outcome(decision))
const decisionsIn = (journal: Journal): number[] =>
  journal.segments.flatMap(({ path }) =>
    readSegment(readFileSync(path)).outcomes.map(({ decision }) => decision),
  )

it('has on disk what it acknowledged, in order', async () => {
  const root = freshRoot()
  const journal = await Journal.open(root, OPTIONS)
  await journal.append(line(0) + line(1))
  const [file] = readdirSync(join(root, '0')).filter((name) => name.endsWith('.journal'))
  const onDisk = readSegment(readFileSync(join(root, '0', file))).outcomes
  expect(onDisk).toEqual([outcome(0), outcome(1)])
  await Promise.all(Array.from({ length: 50 }, (_, n) => journal.append(line(2 + n))))
  await journal.close()
  expect(decisionsIn(journal)).toEqual(Array.from({ length: 52 }, (_, n) => n))
})

it('goes on after the segments that it finds', async () => {
  const root = freshRoot()
  const first = await Journal.open(root, OPTIONS)
  await first.append(line(0))
  await first.close()
  const second = await Journal.open(root, OPTIONS)
  await second.append(line(1))
  await second.roll()
  expect(decisionsIn(second)).toEqual([0, 1])
  await second.remove(second.segments[0])
  expect(decisionsIn(second)).toEqual([1])
  const { bytes } = second
  await second.remove(second.segments[0])
  expect([bytes > 0, second.bytes]).toEqual([true, 0])
  await second.close()
})

it('closes a segment that is large enough', async () => {
  const closed: number[] = []
  const journal = await Journal.open(freshRoot(), {
    ...OPTIONS,
    segmentBytes: 3000,
    onSegment: () => closed.push(1),
  })
  for (let n = 0; n < 20; n++) await journal.append(line(n))
  await journal.close()
  expect(closed.length).toBeGreaterThan(2)
  expect(journal.segments.length - closed.length).toBeLessThanOrEqual(1)
  expect(decisionsIn(journal)).toEqual(Array.from({ length: 20 }, (_, n) => n))
})

it('refuses what exceeds its bound, keeps what it has, and takes more when that is gone', async () => {
  const journal = await Journal.open(freshRoot(), { ...OPTIONS, maxBytes: 10_000 })
  const taken: number[] = []
  const refusals: unknown[] = []
  for (let n = 0; n < 30; n++)
    await journal.append(line(n)).then(
      () => taken.push(n),
      (error) => refusals.push(error),
    )
  expect(taken.length).toBeGreaterThan(3)
  expect(refusals).toHaveLength(30 - taken.length)
  expect(refusals[0]).toMatchObject({ code: 'E_OUTCOMES_QUEUE_FULL', retryAfterMs: 30_000 })
  expect(journal.bytes).toBeLessThanOrEqual(10_000)
  await journal.roll()
  expect(decisionsIn(journal)).toEqual(taken)
  for (const segment of journal.segments) await journal.remove(segment)
  await journal.append(line(99))
  await journal.close()
  await expect(journal.append(line(100))).rejects.toMatchObject({ code: 'E_OUTCOMES_CLOSED' })
})

it('shares a folder: each process has its own, and one that is gone leaves its to the others', async () => {
  const root = freshRoot()
  const [first, second] = [await Journal.open(root, OPTIONS), await Journal.open(root, OPTIONS)]
  expect(first.folder).not.toBe(second.folder)
  await first.append(line(1))
  await second.append(line(2))
  expect(await Journal.orphans(root)).toEqual([])
  await second.close()
  const orphans = await Journal.orphans(root)
  expect(orphans.map(decisionsIn)).toEqual([[2]])
  await orphans[0].close()
  await first.close()
})
