import { join } from 'node:path'
import { loadModel } from '../model/load-model.ts'
import type { ModelReport } from '../model/report.ts'
import type { Config } from './config/schema.ts'
import { needsTrainedModel } from './config/policy-settings.ts'
import type { OnEvent } from './experiment-events.ts'
import { combineHashes, type RunOutcomesHash } from './outcome-hash.ts'
import { mergeOutcomes } from './outcome-store.ts'
import { collectionPlan, evaluationPlan, type Plan, type PlanCell, type PlannedRun } from './plan.ts'
import { RUN_FILES, type RunFolderDraft } from './run-folder.ts'
import type { Runner } from './runner.ts'
import { simulationOf } from './simulation.ts'
import type { RunReport, RunTask } from './simulate.ts'

export interface ExperimentParts {
  readonly config: Config
  readonly runner: Runner
  readonly folder: RunFolderDraft
  readonly onEvent: OnEvent
}

/** A run of the plan and what it gave. */
export interface FinishedRun {
  readonly run: PlannedRun
  readonly report: RunReport
}

/** What an experiment gave, before it is summarised. */
export interface ExperimentOutcome {
  readonly plan: Plan
  readonly evaluated: readonly FinishedRun[]
  readonly model: ModelReport | null
  readonly outcomesHash: string
  /** Of every simulation, those to train on first. */
  readonly runHashes: readonly RunOutcomesHash[]
  readonly outcomeRows: number
}

/**
 * Collects, trains and evaluates, and writes outcomes and model to the run folder. Whatever does not need the model is
 * simulated while it is trained.
 */
export class Experiment {
  readonly #parts: ExperimentParts
  readonly #modelFolder: string

  constructor(parts: ExperimentParts) {
    this.#parts = parts
    this.#modelFolder = parts.folder.file(RUN_FILES.model)
  }

  async run(): Promise<ExperimentOutcome> {
    const { config, onEvent } = this.#parts
    const plan = evaluationPlan(config)
    const collection = collectionPlan(config)
    const collect = collection?.runs ?? []
    checkModels([...plan.cells, ...(collection?.cells ?? [])])
    onEvent({
      kind: 'planned',
      collect: collect.length,
      evaluate: plan.runs.length,
      trains: collection !== undefined,
    })
    const collecting = collect.map((run) => this.#simulate(run))
    const training = collection && Promise.all(collecting).then((runs) => this.#train(runs))
    const evaluating = plan.runs.map(async (run) => {
      if (needsTrainedModel(run.cell.policy)) await training
      return this.#simulate(run)
    })
    const [trained, ...evaluated] = await Promise.all([training, ...evaluating])
    const collected = await Promise.all(collecting)
    onEvent({ kind: 'step', text: 'merging outcomes' })
    await this.#merge(evaluated, RUN_FILES.outcomes)
    const reports = [...collected, ...evaluated].map(({ report }) => report)
    const runHashes = reports.map(({ runId, outcomesHash: hash }) => ({ runId, hash }))
    return {
      plan,
      evaluated,
      model: trained ?? null,
      outcomesHash: combineHashes(runHashes),
      runHashes,
      outcomeRows: reports.reduce((sum, { outcomeRows }) => sum + outcomeRows, 0),
    }
  }

  /** Simulates one run of the plan, and whatever its model is trained on; undefined where there is no such run. */
  async runOne(runId: string): Promise<FinishedRun | undefined> {
    const { config, onEvent } = this.#parts
    const collect = collectionPlan(config)?.runs ?? []
    const run = [...evaluationPlan(config).runs, ...collect].find((planned) => planned.runId === runId)
    if (run === undefined) return undefined
    const needed = needsTrainedModel(run.cell.policy) ? collect : []
    onEvent({ kind: 'planned', collect: needed.length, evaluate: 1, trains: needed.length > 0 })
    if (needed.length > 0) await this.#train(await Promise.all(needed.map((other) => this.#simulate(other))))
    return this.#simulate(run)
  }

  async #simulate(run: PlannedRun): Promise<FinishedRun> {
    const { runner, onEvent } = this.#parts
    const report = await runner.run(this.#taskOf(run))
    onEvent({ kind: 'run-done', runId: run.runId, phase: run.cell.phase })
    return { run, report }
  }

  async #train(runs: readonly FinishedRun[]): Promise<ModelReport> {
    const { config, onEvent } = this.#parts
    const { name, backend, options } = config.train!
    // TensorFlow.js takes a while to load, and most experiments do without.
    const { trainFromRuns } = await import('../model/train-run.ts')
    // Both read the parts only; merging is the database's work, training this thread's.
    const [{ report }] = await Promise.all([
      trainFromRuns({
        parquetPaths: runs.map(({ run }) => this.#partOf(run)),
        sources: [RUN_FILES.collected],
        outDir: this.#modelFolder,
        name,
        seed: `${config.seed}/train`,
        backend: backend ?? undefined,
        options,
        onProgress: (progress) => onEvent({ kind: 'training', progress }),
        onNotice: (text) => onEvent({ kind: 'notice', text }),
      }),
      this.#merge(runs, RUN_FILES.collected),
    ])
    onEvent({ kind: 'trained', version: report.version, seconds: report.trainSeconds })
    return report
  }

  #merge(runs: readonly FinishedRun[], name: string): Promise<void> {
    const { folder } = this.#parts
    const parts = runs.map(({ run }) => this.#partOf(run))
    return mergeOutcomes(parts, folder.file(name), folder.scratch)
  }

  #taskOf(run: PlannedRun): RunTask {
    const { cell, runId, replication, seed } = run
    return {
      ...simulationOf(run, this.#modelFolder),
      runId,
      cell: cell.id,
      replication,
      seed,
      outcomesPath: this.#partOf(run),
      spillFolder: this.#parts.folder.scratch,
    }
  }

  #partOf({ cell, number }: PlannedRun): string {
    return join(this.#parts.folder.scratch, `${cell.phase}-${number}.parquet`)
  }
}

/** Throws ModelFileError where a model that policies name cannot be read. */
function checkModels(cells: readonly PlanCell[]): void {
  const folders = cells.flatMap(({ policy }) => [policy.model, policy.tracker?.model ?? null])
  for (const folder of new Set(folders)) if (folder !== null) loadModel(folder)
}
