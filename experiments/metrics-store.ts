import { catalogueOf } from '../reports/metrics-catalog.ts'
import type { RunMeasure } from '../reports/measures.ts'
import { describePoint } from './config/load.ts'
import { withDatabase, writeParquet } from './database.ts'
import type { PlannedRun } from './plan.ts'

/** Writes one row a run and metric: run_id, cell, policy, point, replication, seed, metric, value. */
export async function writeMetrics(
  runs: readonly { readonly run: PlannedRun; readonly measure: RunMeasure }[],
  path: string,
  spillFolder: string,
): Promise<void> {
  await withDatabase(async (connection) => {
    await connection.run(`CREATE TABLE metrics (run_id VARCHAR, cell VARCHAR, policy VARCHAR, point VARCHAR,
      replication INTEGER, seed VARCHAR, metric VARCHAR, value DOUBLE)`)
    const appender = await connection.createAppender('metrics')
    for (const { run, measure } of runs)
      for (const { name } of catalogueOf(run.cell.config.workload.kind).metrics) {
        if (!(name in measure.metrics)) continue
        appender.appendVarchar(run.runId)
        appender.appendVarchar(run.cell.id)
        appender.appendVarchar(run.cell.policy.label)
        appender.appendVarchar(describePoint(run.cell.point))
        appender.appendInteger(run.replication)
        appender.appendVarchar(run.seed)
        appender.appendVarchar(name)
        const value = measure.metrics[name]
        if (value === null) appender.appendNull()
        else appender.appendDouble(value)
        appender.endRow()
      }
    appender.closeSync()
    await writeParquet(connection, 'FROM metrics', path)
  }, spillFolder)
}
