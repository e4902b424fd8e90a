import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunMeasure } from '../reports/measures.ts'
import type { Config } from './config/schema.ts'
import { UsageError } from './errors.ts'
import type { OnEvent } from './experiment-events.ts'
import { Experiment } from './experiment.ts'
import { RunFolderDraft } from './run-folder.ts'
import { shellQuote } from './shell-quote.ts'
import { Runner } from './runner.ts'

export interface ReplayOptions {
  readonly config: Config
  /** The run, as the plan names it. */
  readonly runId: string
  readonly workers: number
  readonly command: string
  readonly onEvent: OnEvent
}

/** What a replayed run measured. */
export interface Replay {
  readonly runId: string
  readonly seed: string
  readonly simulatedMs: number
  readonly metrics: RunMeasure['metrics']
  readonly results: RunMeasure['results']
  readonly outcomeRows: number
  readonly outcomesHash: string
  readonly violations: readonly string[]
}

/** Simulates one run of an experiment's plan with every check, and keeps nothing. Throws UsageError where there is no such run. */
export async function replayRun({
  config,
  runId,
  workers,
  command,
  onEvent,
}: ReplayOptions): Promise<Replay> {
  const scratch = await mkdtemp(join(tmpdir(), 'seedbed-replay-'))
  const folder = await RunFolderDraft.open(join(scratch, 'run'))
  const runner = new Runner({
    workers,
    replayCommand: () => `${command} --only ${shellQuote(runId)}`,
    onProgress: (id, progress) => onEvent({ kind: 'run-progress', runId: id, progress }),
  })
  try {
    const checked: Config = { ...config, checks: { ...config.checks, level: 'full' } }
    const finished = await new Experiment({ config: checked, runner, folder, onEvent }).runOne(runId)
    if (finished === undefined)
      throw new UsageError(
        `run not in the plan: ${JSON.stringify(runId)} (CELL/REPLICATION, e.g. ${exampleOf(config)})`,
      )
    const { run, report } = finished
    const { measure, simulatedMs, outcomeRows, outcomesHash, violations } = report
    const { metrics, results } = measure
    return { runId, seed: run.seed, simulatedMs, metrics, results, outcomeRows, outcomesHash, violations }
  } finally {
    await runner.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

const exampleOf = ({ policies }: Config): string => `${policies[0].label}/0`
