import { nearest } from './config/suggest.ts'
import type { Config } from './config/schema.ts'
import { UsageError } from './errors.ts'
import { collectionPlan, evaluationPlan, type PlanCell, type PlannedRun } from './plan.ts'

/** Names one run of a plan; what is left out is taken where there is but one, and the replication from 0. */
export interface RunChoice {
  readonly cell?: string | undefined
  readonly replication?: number | undefined
  /** Of the simulation, as the outcomes have it. */
  readonly seed?: string | undefined
}

/** Finds a run of a config's plan, those to train on included. Throws UsageError with what there is. */
export function selectRun(config: Config, { cell, replication, seed }: RunChoice): PlannedRun {
  const plans = [evaluationPlan(config), collectionPlan(config)].filter((plan) => plan !== undefined)
  const cells = plans.flatMap((plan) => plan.cells)
  const chosen = selectCell(cells, cell)
  const runs = plans.flatMap((plan) => plan.runs).filter((run) => run.cell.id === chosen.id)
  if (seed !== undefined) {
    const run = runs.find((planned) => planned.seed === seed)
    if (run && (replication ?? run.replication) === run.replication) return run
    throw new UsageError(
      `invalid --seed: ${JSON.stringify(seed)} (allowed ${few(runs.map((planned) => JSON.stringify(planned.seed)))})`,
    )
  }
  const run = runs.find((planned) => planned.replication === (replication ?? 0))
  if (run) return run
  throw new UsageError(`invalid --replication: ${replication} (a whole number from 0 to ${runs.length - 1})`)
}

function selectCell(cells: readonly PlanCell[], id: string | undefined): PlanCell {
  const ids = cells.map((cell) => cell.id)
  if (id === undefined) {
    if (cells.length === 1) return cells[0]
    throw new UsageError(`missing --cell (one of ${few(ids)})`)
  }
  const found = cells.find((cell) => cell.id === id)
  if (found) return found
  const meant = nearest(id, ids)
  const hint = meant === undefined ? '' : `did you mean ${meant}? `
  throw new UsageError(`invalid --cell: ${JSON.stringify(id)} (${hint}allowed ${few(ids)})`)
}

const MOST_NAMED = 20

const few = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
