import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findConfig } from './config-files.ts'
import { loadConfig, parseOverride } from './config/load.ts'
import { firstDifference, tasksOf, type Way } from './determinism.testing.ts'
import type { Runner } from './runner.ts'
import type { RunTask } from './simulate.ts'

// Worker threads need compiled files.
const built = new URL('../dist/experiments/runner.js', import.meta.url).href
const { Runner: BuiltRunner } = (await import(built)) as { Runner: typeof Runner }

const folder = mkdtempSync(join(tmpdir(), 'seedbed-determinism-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TWO_MINUTES = 120_000
const COMMON = ['replications=2', 'baseline=null']

/** A ready-made config of each workload, made small: name, workload, overrides. */
const SCENARIOS: readonly [string, string, readonly string[]][] = [
  [
    'churn-and-faults',
    'download',
    [
      'swarm.peers=25',
      'workload.contentBytes=12 MB',
      'policies=[random, fastest]',
      'matrix={}',
      'sessions.scaleS=600',
    ],
  ],
  [
    'music',
    'music',
    [
      'swarm.peers=12',
      'policies=[random, fastest]',
      'durationLimitS=8 min',
      'workload.warmupS=0',
      'workload.catalogue.tracks=20',
      'workload.attendance.sessionsPerDay=60',
    ],
  ],
  ['live-smoke', 'live', ['policies=[random, fastest]', 'workload.streamS=20 s']],
  ['rooms-smoke', 'rooms', ['policies=[random, fastest]', 'workload.listenS=60 s']],
]

const runners = new Map<number, Runner>()
beforeAll(() => {
  for (const workers of [0, 1, 2]) runners.set(workers, new BuiltRunner({ workers, replayCommand: () => '' }))
})
afterAll(async () => {
  for (const runner of runners.values()) await runner.close()
})

const way = (workers: number): Way => ({
  name: workers === 0 ? 'no worker' : `${workers} workers`,
  run: (task) => runners.get(workers)!.run(task),
})

describe.each(SCENARIOS)('%s (%s)', { timeout: TWO_MINUTES }, (name, workload, overrides) => {
  let tasks: RunTask[]
  beforeAll(async () => {
    const config = await loadConfig(findConfig(name), [...COMMON, ...overrides].map(parseOverride))
    expect(config.workload.kind).toBe(workload)
    tasks = tasksOf(config, folder)
  })

  it.each([
    [0, 1],
    [1, 2],
  ])('is the same with %i workers and with %i', async (a, b) => {
    expect(tasks.length).toBeGreaterThanOrEqual(4)
    expect(await firstDifference(tasks, way(a), way(b), folder)).toBeUndefined()
  })
})

describe('a simulation that is not the same twice', { timeout: TWO_MINUTES }, () => {
  it('is told with the first event that differs', async () => {
    const config = await loadConfig(
      findConfig('smoke'),
      ['policies=[random]', 'baseline=null', 'train=null', 'replications=1'].map(parseOverride),
    )
    const slow = { kind: 'slow', share: 1, target: 'peers', divideBy: 2 } as const
    const other: Way = {
      name: 'slower peers',
      run: (task) => way(1).run({ ...task, config: { ...task.config, faults: [slow] } }),
    }
    const told = await firstDifference(tasksOf(config, folder), way(0), other, folder)
    expect(told).toMatch(
      /^random\/0 is not the same with no worker \(A\) and with slower peers \(B\): different from/,
    )
    expect(told).toMatch(/\nA > .* peer-\d+ +dial +to tracker\nB > .* peer-\d+ +fault-begins +fault=slow/)
  })
})
