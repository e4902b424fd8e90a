import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findConfig } from './config-files.ts'
import { loadConfig, type Override } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { UsageError } from './errors.ts'
import type { RunManifest } from './manifest.ts'
import { RUN_FILES } from './run-folder.ts'
import { checkRunFolder } from './run-results.ts'

/** What can be replayed: the plan of a run folder, or of a config that has not been run. */
export interface ReplayTarget {
  readonly config: Config
  /** The model that the run folder's experiment trained; null where there is none. */
  readonly modelFolder: string | null
  /** Hash of each simulation's outcomes by its name in the plan; empty where none were recorded. */
  readonly recorded: ReadonlyMap<string, string>
  /** The commit that recorded them; null where it is not known. */
  readonly commit: string | null
}

/** Opens a run folder or a config. Throws UsageError, RunFolderError, ConfigError. */
export async function openReplayTarget(given: string, overrides: readonly Override[]): Promise<ReplayTarget> {
  if (!existsSync(given) || !statSync(given).isDirectory())
    return {
      config: await loadConfig(findConfig(given), overrides),
      modelFolder: null,
      recorded: new Map(),
      commit: null,
    }
  await checkRunFolder(given)
  if (overrides.length > 0)
    throw new UsageError(
      `invalid --set: a run folder is replayed as it is (replay ${join(given, RUN_FILES.config)} instead)`,
    )
  const manifest = JSON.parse(await readFile(join(given, RUN_FILES.manifest), 'utf8')) as RunManifest
  const modelFolder = join(given, RUN_FILES.model)
  return {
    config: await loadConfig(join(given, RUN_FILES.config)),
    modelFolder: existsSync(modelFolder) ? modelFolder : null,
    recorded: new Map(manifest.runHashes?.map(({ runId, hash }) => [runId, hash])),
    commit: manifest.commit,
  }
}
