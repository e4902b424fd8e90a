import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect, it } from 'vitest'
import { readAll } from '../../peer/ports/outcome-store.contract.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { startMongo } from '../../tools/testing/mongo.ts'
import { DurableOutcomes } from './durable-outcomes.ts'
import { openStore } from './open-store.ts'

// More of them: SEEDBED_KILLS=100 npx vitest run experiments/store/crash.test.ts
const KILLS = Number(process.env['SEEDBED_KILLS'] ?? 4)
const MOST_ROWS_BEFORE_KILL = 600

const program = fileURLToPath(new URL('../../tools/testing/append-outcomes.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'seedbed-crash-'))
const children = new Set<ChildProcess>()
afterEach(() => children.forEach((child) => child.kill('SIGKILL')))
afterAll(() => rmSync(folder, { recursive: true }))

interface Life {
  readonly acknowledged: string[]
  readonly refusals: string[]
}

/** Runs a process that appends to a store, and kills it as soon as `isEnough`. */
async function liveUntil(command: readonly string[], isEnough: (life: Life) => boolean): Promise<Life> {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  const exited = once(child, 'exit')
  const life: Life = { acknowledged: [], refusals: [] }
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('refused ')) life.refusals.push(line.slice('refused '.length))
    else if (line !== 'ready') life.acknowledged.push(line)
    if (isEnough(life)) child.kill('SIGKILL')
  }
  expect(await exited).toEqual([null, 'SIGKILL'])
  children.delete(child)
  return life
}

/** The names in a store, after what is left in the queue was carried there. */
async function namesIn(given: string, journalRoot: string): Promise<string[]> {
  const store = await openStore(given)
  const durable = await DurableOutcomes.open({ store: store.outcomes, journalRoot })
  await durable.close()
  const names = (await readAll(store.outcomes)).map(({ runId, decision }) => `${runId}/${decision}`)
  await store.close()
  return names
}

async function killOverAndOver(given: string, kills: number): Promise<void> {
  const seed = String(Date.now())
  const random = new SeededRandom(seed)
  const queue = mkdtempSync(join(folder, 'queue-'))
  const acknowledged: string[] = []
  for (let kill = 0; kill < kills; kill++) {
    const rows = random.below(MOST_ROWS_BEFORE_KILL)
    const command = [process.execPath, program, given, queue, `run-${kill}`]
    const life = await liveUntil(command, (so) => so.acknowledged.length >= rows)
    expect(life.refusals).toEqual([])
    acknowledged.push(...life.acknowledged)
  }
  const names = await namesIn(given, queue)
  const stored = new Set(names)
  expect(names.length, `rows stored twice, seed ${seed}`).toBe(stored.size)
  expect(
    acknowledged.filter((name) => !stored.has(name)),
    `lost rows, seed ${seed}`,
  ).toEqual([])
  expect(acknowledged.length).toBeGreaterThan(kills)
}

it(
  'a folder has every acknowledged row once, however often the process is killed',
  { timeout: 20_000 + 5_000 * KILLS },
  () => killOverAndOver(join(folder, 'store'), KILLS),
)

it(
  'a database has every acknowledged row once, however often the process is killed',
  { timeout: 20_000 + 5_000 * KILLS },
  async (context) => {
    const server = await startMongo(context)
    try {
      await killOverAndOver(server.freshDatabase(), Math.ceil(KILLS / 2))
    } finally {
      await server.stop()
    }
  },
)

it('refuses rows while the disk takes no more, and keeps all that it acknowledged', async () => {
  const store = join(folder, 'full')
  const queue = mkdtempSync(join(folder, 'queue-'))
  const limited = ['bash', '-c', `ulimit -f 40 && exec "$@"`, 'bash', process.execPath, program]
  const life = await liveUntil(
    [...limited, store, queue, 'run'],
    ({ acknowledged, refusals }) => acknowledged.length >= 500 && refusals.length >= 5,
  )
  expect(new Set(life.refusals)).toEqual(new Set(['E_OUTCOMES_DISK']))
  const names = await namesIn(store, queue)
  expect(names.length).toBe(new Set(names).size)
  expect(life.acknowledged.filter((name) => !names.includes(name))).toEqual([])
})
