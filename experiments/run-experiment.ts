import type { Config } from './config/schema.ts'
import { configHash, configYaml } from './config/load.ts'
import { fingerprints } from './data/fingerprints.ts'
import { Experiment, type ExperimentOutcome } from './experiment.ts'
import type { OnEvent } from './experiment-events.ts'
import { MANIFEST_FORMAT, type RunManifest } from './manifest.ts'
import { writeMetrics } from './metrics-store.ts'
import { commit, versions } from './package-info.ts'
import { buildResult } from './result.ts'
import { shellQuote } from './shell-quote.ts'
import { RUN_FILES, RunFolderDraft } from './run-folder.ts'
import { Runner } from './runner.ts'
import { renderReport } from '../reports/render.ts'
import type { Result } from '../reports/schema.ts'

export interface ExperimentOptions {
  readonly config: Config
  /** The run folder to write; a run folder that is there is replaced. */
  readonly out: string
  /** Worker threads; 0 simulates in this thread. */
  readonly workers: number
  /** The command that runs this experiment again. */
  readonly command: string
  readonly onEvent: OnEvent
  /** Stops the experiment; its reason is what is thrown. */
  readonly stop?: AbortSignal
}

/** Runs an experiment and writes its run folder. Whatever fails, no half-written folder is left. */
export async function runExperiment(options: ExperimentOptions): Promise<Result> {
  const { config, out, workers, command, onEvent, stop = new AbortController().signal } = options
  const startedAt = new Date()
  const elapsed = (): number => (Date.now() - startedAt.getTime()) / 1000
  const folder = await RunFolderDraft.open(out)
  const runner = new Runner({
    workers,
    replayCommand: (runId) => `${command} --only ${shellQuote(runId)}`,
    onProgress: (runId, progress) => onEvent({ kind: 'run-progress', runId, progress }),
  })
  try {
    const outcome = await unlessStopped(new Experiment({ config, runner, folder, onEvent }).run(), stop)
    const simulatedSeconds = elapsed()
    onEvent({ kind: 'step', text: 'writing the report' })
    await folder.write(RUN_FILES.config, configYaml(config))
    const measures = outcome.evaluated.map(({ run, report }) => ({ run, measure: report.measure }))
    await writeMetrics(measures, folder.file(RUN_FILES.metrics), folder.scratch)
    const common = { config, outcome, commit: commit(), startedAt, replayCommand: command, runFolder: out }
    const build = () => buildResult({ ...common, wallSeconds: elapsed() })
    await folder.write(RUN_FILES.report, renderReport(build()))
    const result = build()
    await folder.write(RUN_FILES.result, `${JSON.stringify(result, null, 1)}\n`)
    await folder.write(
      RUN_FILES.manifest,
      `${JSON.stringify(await manifestOf(result, outcome, options, simulatedSeconds), null, 2)}\n`,
    )
    await folder.commit()
    return result
  } catch (error) {
    await runner.close()
    await folder.discard()
    throw error
  } finally {
    await runner.close()
  }
}

/** Settles as the work does, or rejects with the signal's reason as soon as it is aborted. */
async function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  let hear = (): void => {}
  const stopped = new Promise<never>((_resolve, reject) => {
    hear = () => reject(stop.reason as Error)
    stop.addEventListener('abort', hear, { once: true })
  })
  try {
    stop.throwIfAborted()
    return await Promise.race([work, stopped])
  } finally {
    stop.removeEventListener('abort', hear)
  }
}

async function manifestOf(
  result: Result,
  { plan, runHashes }: ExperimentOutcome,
  { config, workers, command }: ExperimentOptions,
  simulatedSeconds: number,
): Promise<RunManifest> {
  return {
    format: MANIFEST_FORMAT,
    formatVersion: 1,
    name: result.name,
    configHash: configHash(config),
    outcomesHash: result.outcomesHash,
    runHashes,
    dataFiles: fingerprints(plan.cells.map((cell) => cell.config)),
    seed: result.seed,
    cells: result.cells.length,
    replications: result.replications,
    outcomeRows: result.outcomeRows,
    commit: result.commit,
    versions: await versions(),
    startedAt: result.startedAt,
    wallSeconds: result.wallSeconds,
    phaseEndSeconds: { outcomes: simulatedSeconds, report: result.wallSeconds },
    workers,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    command,
  }
}
