import { join } from 'node:path'
import type { Config } from './config/schema.ts'
import { evaluationPlan } from './plan.ts'
import type { RunReport, RunTask } from './simulate.ts'
import { simulationOf } from './simulation.ts'
import { diffTraces } from './trace/diff-trace.ts'
import { differenceText } from './trace/difference-text.ts'

/** One way to run simulations. */
export interface Way {
  readonly name: string
  run(task: RunTask): Promise<RunReport>
}

/** The runs of a config's plan as tasks; their files go to `folder`. */
export function tasksOf(config: Config, folder: string): RunTask[] {
  return evaluationPlan(config).runs.map((run) => ({
    ...simulationOf(run, ''),
    runId: run.runId,
    cell: run.cell.id,
    replication: run.replication,
    seed: run.seed,
    outcomesPath: join(folder, `${run.number}.parquet`),
    spillFolder: folder,
  }))
}

/**
 * Runs tasks both ways. Undefined where they give the same outcomes and measures; else what run differs, and the first event
 * at which it does.
 */
export async function firstDifference(
  tasks: readonly RunTask[],
  a: Way,
  b: Way,
  folder: string,
): Promise<string | undefined> {
  const [ours, theirs] = [await runAll(tasks, a), await runAll(tasks, b)]
  for (const [i, task] of tasks.entries()) {
    if (factsOf(ours[i]) === factsOf(theirs[i])) continue
    const traced = async (way: Way, side: string): Promise<string> => {
      const tracePath = join(folder, `${side}.trace`)
      await way.run({ ...task, tracePath })
      return tracePath
    }
    const difference = await diffTraces(await traced(a, 'a'), await traced(b, 'b'), 3)
    return `${task.runId} is not the same with ${a.name} (A) and with ${b.name} (B): ${differenceText(difference)}`
  }
  return undefined
}

const runAll = (tasks: readonly RunTask[], way: Way): Promise<RunReport[]> =>
  Promise.all(tasks.map((task) => way.run(task)))

const factsOf = ({ outcomesHash, outcomeRows, measure }: RunReport): string =>
  JSON.stringify([outcomesHash, outcomeRows, measure.metrics, measure.results])
