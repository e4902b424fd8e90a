import { atPoint, describePoint } from './config/load.ts'
import type { PolicySettings } from './config/policy-settings.ts'
import type { Config } from './config/schema.ts'

/** What runs are for: outcomes to train on, or the comparison that is reported. */
export type Phase = 'collect' | 'evaluate'

/** One policy at one point of the matrix. */
export interface PlanCell {
  readonly id: string
  readonly phase: Phase
  readonly policy: PolicySettings
  /** Matrix values by config path. */
  readonly point: Readonly<Record<string, unknown>>
  /** The config at that point. */
  readonly config: Config
}

/** One simulation. */
export interface PlannedRun {
  /** `cell/replication`. */
  readonly runId: string
  readonly cell: PlanCell
  readonly replication: number
  /** Place in the plan, from 0. */
  readonly number: number
  /** Seed of the simulation. */
  readonly seed: string
}

export interface Plan {
  readonly cells: readonly PlanCell[]
  /** Cell after cell. */
  readonly runs: readonly PlannedRun[]
}

/** What is compared: policies × matrix × replications. */
export function evaluationPlan(config: Config): Plan {
  const points = pointsOf(config.matrix)
  const cells = points.flatMap((point) => {
    const at = atPoint(config, point)
    return config.policies.map((policy) => cell('evaluate', policy, point, at))
  })
  return planOf(cells, config, config.replications)
}

/** What the model is trained on: exploring policies at the config's own point. Undefined where nothing is trained. */
export function collectionPlan(config: Config): Plan | undefined {
  if (config.train === null) return undefined
  const { policies, replications } = config.train.collect
  const cells = policies.map((policy) => cell('collect', policy, {}, config))
  return planOf(cells, config, replications)
}

/**
 * Seed of a simulation. It says nothing of the policy: all policies of a point meet the same peers, arrivals and faults
 * (common random numbers). The phase is part of it, so that no model is judged on what it was trained on.
 */
export function simulationSeed(
  config: Config,
  phase: Phase,
  point: PlanCell['point'],
  replication: number,
): string {
  return [config.seed, phase, describePoint(point), replication].filter((part) => part !== '').join('/')
}

function planOf(cells: readonly PlanCell[], config: Config, replications: number): Plan {
  const runs = cells.flatMap((of, place) =>
    Array.from({ length: replications }, (_, replication) => ({
      runId: `${of.id}/${replication}`,
      cell: of,
      replication,
      number: place * replications + replication,
      seed: simulationSeed(config, of.phase, of.point, replication),
    })),
  )
  return { cells, runs }
}

function cell(phase: Phase, policy: PolicySettings, point: PlanCell['point'], config: Config): PlanCell {
  const where = describePoint(point)
  const prefix = phase === 'collect' ? 'collect:' : ''
  return { id: `${prefix}${policy.label}${where === '' ? '' : `@${where}`}`, phase, policy, point, config }
}

/** All combinations of the matrix, the last path varying fastest; one empty point where there is no matrix. */
function pointsOf(matrix: Config['matrix']): Record<string, unknown>[] {
  return Object.entries(matrix).reduce<Record<string, unknown>[]>(
    (points, [path, values]) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  )
}
