import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quote } from '../peer/protocol/ids.ts'
import { UsageError } from './errors.ts'
import { withDatabase, writeParquet } from './database.ts'
import { isRunFolder, RUN_FILES } from './run-folder.ts'
import { checkRunFolder } from './run-results.ts'
import { sqlList } from './sql.ts'
import { drainLeftovers } from './store/live-outcomes.ts'
import { isMongoUri, isStoreFolder, openStore } from './store/open-store.ts'

/** Outcomes to train on. */
export interface TrainingSources {
  readonly parquetPaths: readonly string[]
  /** What a model card calls them. */
  readonly sources: readonly string[]
}

/**
 * Lets `work` read the outcomes of run folders and of the stores of live processes. Rejects with UsageError and
 * RunFolderError where there are none, and with InvalidStoreError.
 */
export async function withTrainingSources<T>(
  given: readonly string[],
  notice: (text: string) => void,
  work: (sources: TrainingSources) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'seedbed-train-'))
  try {
    const parquetPaths: string[] = []
    const sources: string[] = []
    for (const [n, source] of given.entries())
      if (isMongoUri(source) || (isStoreFolder(source) && !(await isRunFolder(source)))) {
        const path = join(scratch, `${n}.parquet`)
        sources.push(await exportStore(source, path, notice))
        parquetPaths.push(path)
      } else {
        const paths = await outcomesOf(source)
        sources.push(...paths)
        parquetPaths.push(...paths)
      }
    return await work({ parquetPaths, sources })
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** Everything a run recorded: what was compared, and what its own model was trained on. */
async function outcomesOf(run: string): Promise<string[]> {
  await checkRunFolder(run)
  const paths = [RUN_FILES.collected, RUN_FILES.outcomes]
    .map((name) => join(run, name))
    .filter((path) => existsSync(path))
  if (paths.length === 0) throw new UsageError(`no outcomes in ${quote(run)}`)
  return paths
}

/** Writes what a store holds to one file, and what is left in its queue first; returns what to call it. */
async function exportStore(given: string, path: string, notice: (text: string) => void): Promise<string> {
  const store = await openStore(given)
  try {
    await drainLeftovers(given, store, notice)
    const raw = `${path}.raw`
    const rows = await store.outcomes.exportTo(raw)
    if (rows === 0)
      throw new UsageError(
        `no outcomes in ${quote(store.where)} yet (is a tracker running with this --store?)`,
      )
    // Reports of one peer are one recording to learn from, however many they came in.
    const select = `SELECT * REPLACE (concat('live/', reporter) AS run_id) FROM read_parquet(${sqlList([raw])})`
    await withDatabase((connection) => writeParquet(connection, select, path, 'snappy'))
    await rm(raw)
    return store.where
  } finally {
    await store.close()
  }
}
