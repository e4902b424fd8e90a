import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandModule } from 'yargs'
import { UsageError } from '../errors.ts'
import type { RunManifest } from '../manifest.ts'
import { isRunFolder, RUN_FILES } from '../run-folder.ts'
import { durationText, tableText } from '../text.ts'

/** `seedbed ls [DIR]` */
export const lsCommand: CommandModule<object, { dir: string; json: boolean }> = {
  command: 'ls [dir]',
  describe: 'List run folders',
  builder: (yargs) =>
    yargs
      .positional('dir', { type: 'string', default: 'runs', describe: 'Folder that holds run folders' })
      .option('json', { type: 'boolean', default: false, describe: 'Print their manifests as JSON' }),
  handler: async ({ dir, json }) => {
    const runs = await listRuns(dir)
    if (json) process.stdout.write(`${JSON.stringify(runs)}\n`)
    else if (runs.length === 0) process.stdout.write(`no run folders in ${dir}\n`)
    else process.stdout.write(`${tableText([HEADING, ...runs.map(rowOf)])}\n`)
  },
}

type Listed = RunManifest & { readonly folder: string }

const HEADING = ['run folder', 'name', 'started', 'seed', 'cells', 'replications', 'outcomes', 'took']

async function listRuns(dir: string): Promise<Listed[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UsageError(`folder not found: ${JSON.stringify(dir)}`)
    throw error
  })
  const runs: Listed[] = []
  for (const entry of entries) {
    const folder = join(dir, entry.name)
    if (entry.name.startsWith('.') || !(await isRunFolder(folder))) continue
    const manifest = JSON.parse(await readFile(join(folder, RUN_FILES.manifest), 'utf8')) as RunManifest
    runs.push({ folder, ...manifest })
  }
  return runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
}

const rowOf = (run: Listed): string[] => [
  run.folder,
  run.name,
  run.startedAt.replace('T', ' ').slice(0, 16),
  run.seed,
  String(run.cells),
  String(run.replications),
  String(run.outcomeRows),
  durationText(run.wallSeconds),
]
