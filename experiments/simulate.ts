import { loadModel } from '../model/load-model.ts'
import { createRanker } from '../model/policies.ts'
import type { RankingModel } from '../model/policy-model.ts'
import type { DecisionPlace, Ranker } from '../peer/ports/ranker.ts'
import type { Random } from '../peer/ports/random.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import type { RunMeasure } from '../reports/measures.ts'
import type { SimConfig } from '../sim/config.ts'
import type { Oracle } from '../sim/oracle.ts'
import { OracleRanker } from '../sim/oracle-ranker.ts'
import type { TraceSink } from '../sim/trace.ts'
import { World, type WorldProgress } from '../sim/world.ts'
import type { RankerSettings } from './config/policy-settings.ts'
import { OutcomeWriter, type RunLabel } from './outcome-store.ts'
import { type OutcomeRows, RunRecorder } from './run-recorder.ts'
import { toRunMeasure } from './run-measure.ts'
import { openTrace } from './trace/open-trace.ts'

/** What decides the outcome of one simulation. */
export interface Simulation {
  readonly config: SimConfig
  /** Policies of the peers and of the tracker; `model` names the model folder where one is needed. */
  readonly policies: Readonly<Record<DecisionPlace, RankerSettings>>
}

/** One simulation to run; can be sent to a worker. */
export interface RunTask extends RunLabel, Simulation {
  /** Where the outcome rows go. */
  readonly outcomesPath: string
  /** Where the database may spill to. */
  readonly spillFolder: string
  /** Where the event trace goes; absent for none. */
  readonly tracePath?: string
}

/** What a simulation gave. */
export interface RunReport {
  readonly runId: string
  readonly measure: RunMeasure
  readonly outcomesHash: string
  readonly outcomeRows: number
  readonly checks: readonly string[]
  readonly violations: readonly string[]
  readonly simulatedMs: number
}

/** Runs one simulation and writes its outcome rows. */
export async function simulate(
  task: RunTask,
  onProgress: (progress: WorldProgress) => void = () => {},
): Promise<RunReport> {
  const writer = await OutcomeWriter.open(task.spillFolder)
  try {
    const trace = task.tracePath === undefined ? undefined : openTrace(task.tracePath, task)
    const result = worldOf(task, writer, trace?.sink).run(onProgress)
    const outcomeRows = writer.rows
    const outcomesHash = await writer.finish(task.outcomesPath, task)
    trace?.finish(outcomesHash)
    return {
      runId: task.runId,
      measure: toRunMeasure(result, task.cell, task.replication),
      outcomesHash,
      outcomeRows,
      checks: result.invariants.checks,
      violations: result.invariants.violations,
      simulatedMs: result.simulatedMs,
    }
  } finally {
    writer.close()
  }
}

/** The world of a simulation; outcome rows go to `rows`, events to `trace`. */
export function worldOf({ config, policies }: Simulation, rows: OutcomeRows, trace?: TraceSink): World {
  const models = loadModels(Object.values(policies))
  return new World(config, {
    recorder: new RunRecorder(rows, config.recording, new SeededRandom(`${config.seed}/recording`)),
    createRanker: (place, _label, random, oracle) => rankerOf(policies[place], random, oracle, models),
    trace,
  })
}

function loadModels(policies: readonly RankerSettings[]): Map<string, RankingModel> {
  const folders = new Set(policies.map(({ model }) => model).filter((model) => model !== null))
  return new Map([...folders].map((folder) => [folder, loadModel(folder)]))
}

function rankerOf(
  { policy, explore, model }: RankerSettings,
  random: Random,
  oracle: Oracle,
  models: ReadonlyMap<string, RankingModel>,
): Ranker {
  if (policy === 'oracle') return new OracleRanker(oracle, random)
  return createRanker(
    { name: policy, explore: explore ?? undefined },
    { random, model: model === null ? undefined : models.get(model) },
  )
}
