import { catalogueOf } from '../reports/metrics-catalog.ts'
import { QUANTILE_LEVELS, type Result } from '../reports/schema.ts'
import { summarise } from '../reports/summary.ts'
import { configHash } from './config/load.ts'
import type { Config } from './config/schema.ts'
import type { ExperimentOutcome, FinishedRun } from './experiment.ts'
import { factsOf } from './facts.ts'
import { seedbedVersion } from './package-info.ts'
import type { PlanCell } from './plan.ts'

export interface ResultInput {
  readonly config: Config
  readonly outcome: ExperimentOutcome
  readonly commit: string | null
  readonly startedAt: Date
  readonly wallSeconds: number
  readonly replayCommand: string
  /** As people should read it. */
  readonly runFolder: string
}

/** The result of an experiment, as `--json` prints it and result.json holds it. */
export function buildResult(input: ResultInput): Result {
  const { config, outcome } = input
  const { plan, evaluated, model, outcomesHash, outcomeRows } = outcome
  const { metrics, distributions } = catalogueOf(config.workload.kind)
  const oracle = config.policies.find(({ policy }) => policy === 'oracle')?.label ?? null
  return {
    schemaVersion: 2,
    name: config.name,
    description: config.description,
    seedbedVersion,
    commit: input.commit,
    nodeVersion: process.versions.node,
    startedAt: input.startedAt.toISOString(),
    wallSeconds: input.wallSeconds,
    seed: String(config.seed),
    replications: config.replications,
    baseline: config.baseline,
    oracle,
    facts: factsOf(config),
    configHash: configHash(config),
    outcomesHash,
    replayCommand: input.replayCommand,
    config,
    runFolder: input.runFolder,
    workload: config.workload.kind,
    metrics: [...metrics],
    distributions: [...distributions],
    quantileLevels: [...QUANTILE_LEVELS],
    cells: summarise({
      metrics,
      distributions,
      runs: evaluated.map(({ report }) => report.measure),
      cells: plan.cells.map(toCellPlan),
      baseline: config.baseline,
      oracleLabel: oracle,
    }),
    published: config.published,
    outcomeRows,
    invariants: invariantsOf(evaluated),
    model,
  }
}

function toCellPlan({ id, policy, point }: PlanCell) {
  return { cell: id, policy: policy.label, policySpec: { ...policy }, point: { ...point } }
}

function invariantsOf(runs: readonly FinishedRun[]): Result['invariants'] {
  return {
    runs: runs.length,
    checks: [...new Set(runs.flatMap(({ report }) => report.checks))],
    violations: runs.flatMap(({ run, report }) =>
      report.violations.map((violation) => `${run.runId}: ${violation}`),
    ),
  }
}
