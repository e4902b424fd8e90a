import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { resolveConfig } from './config/load.ts'
import type { RankerSettings } from './config/policy-settings.ts'
import type { Runner } from './runner.ts'
import { toSimConfig } from './sim-config.ts'
import type { RunTask } from './simulate.ts'

// Worker threads need compiled files.
const built = new URL('../dist/experiments/runner.js', import.meta.url).href
const { Runner: BuiltRunner } = (await import(built)) as { Runner: typeof Runner }

const folder = mkdtempSync(join(tmpdir(), 'seedbed-runner-'))
afterAll(() => rmSync(folder, { recursive: true }))

const config = resolveConfig(
  {
    name: 'test',
    policies: ['random'],
    swarm: { peers: 6 },
    workload: { kind: 'download', contentBytes: 4_000_000 },
  },
  'test',
)

function taskOf(replication: number, policy: RankerSettings['policy'] = 'random'): RunTask {
  const ranker = { policy, explore: null, model: null }
  return {
    runId: `${policy}/${replication}`,
    cell: policy,
    replication,
    seed: `1/${replication}`,
    config: toSimConfig(config, `1/${replication}`),
    policies: { peer: ranker, tracker: ranker },
    outcomesPath: join(folder, `${policy}-${replication}.parquet`),
    spillFolder: folder,
  }
}

const open = (workers: number): Runner =>
  new BuiltRunner({ workers, replayCommand: (runId) => `seedbed run x --only ${runId}` })

describe.each([0, 2])('with %i workers', (workers) => {
  it('gives what each task gives', async () => {
    const runner = open(workers)
    const reports = await Promise.all([0, 1, 2, 3].map((replication) => runner.run(taskOf(replication))))
    await runner.close()
    expect(reports.map(({ runId }) => runId)).toEqual(['random/0', 'random/1', 'random/2', 'random/3'])
    expect(new Set(reports.map(({ outcomesHash }) => outcomesHash)).size).toBe(4)
    expect(reports.every(({ measure }) => measure.metrics['completed_share'] === 1)).toBe(true)
  })

  it('tells how to replay a run that failed, and gives up the others', async () => {
    const runner = open(workers)
    const failing = runner.run(taskOf(7, 'model'))
    const others = Promise.allSettled(
      [0, 1, 2, 3, 4, 5].map((replication) => runner.run(taskOf(replication))),
    )
    await expect(failing).rejects.toThrow(
      /^run model\/7 failed \(simulation seed "1\/7"\): policy "model" needs a model .*\n {2}replay: seedbed run x --only model\/7$/,
    )
    expect((await others).filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(4)
    await runner.close()
  })

  it('gives up what is under way when it is closed', async () => {
    const runner = open(workers)
    const runs = Promise.allSettled([0, 1, 2].map((replication) => runner.run(taskOf(replication))))
    await runner.close()
    const reasons = (await runs).map((run) => (run.status === 'rejected' ? String(run.reason) : 'done'))
    expect(reasons.at(-1)).toMatch(/given up because the experiment has ended/)
  })
})
