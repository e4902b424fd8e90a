import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { makeFolder } from '../peer/live/make-folder.ts'
import { quote } from '../peer/protocol/ids.ts'
import { RunFolderError } from './errors.ts'
import { MANIFEST_FORMAT } from './manifest.ts'

/** Names of the files of a run folder. */
export const RUN_FILES = {
  manifest: 'manifest.json',
  config: 'config.yaml',
  metrics: 'metrics.parquet',
  outcomes: 'outcomes.parquet',
  /** Outcomes that the model was trained on, where one was. */
  collected: 'collected.parquet',
  result: 'result.json',
  report: 'report.html',
  model: 'model',
} as const

/**
 * A run folder in the making: files are written in a hidden folder beside it, which takes its name when all is there.
 * A crash leaves the run that was there before untouched, and nothing half-written under the final name.
 */
export class RunFolderDraft {
  readonly path: string
  /** Where files are written until `commit`. */
  readonly draft: string
  /** For files that are not kept. */
  readonly scratch: string

  private constructor(path: string, draft: string) {
    this.path = path
    this.draft = draft
    this.scratch = join(draft, '.scratch')
  }

  /** Throws RunFolderError where something else than a run folder has that name. */
  static async open(path: string): Promise<RunFolderDraft> {
    const final = resolve(path)
    await recover(final)
    await checkReplaceable(final)
    const folder = new RunFolderDraft(final, besides(final, `tmp-${process.pid}`))
    await rm(folder.draft, { recursive: true, force: true })
    await makeFolder(folder.scratch)
    return folder
  }

  file(name: string): string {
    return join(this.draft, name)
  }

  async write(name: string, content: string): Promise<void> {
    await writeFile(this.file(name), content)
  }

  /** Gives the folder its name; what had it before goes only then. */
  async commit(): Promise<void> {
    await rm(this.scratch, { recursive: true, force: true })
    const old = besides(this.path, `old-${process.pid}`)
    const replaces = existsSync(this.path)
    if (replaces) await rename(this.path, old)
    await rename(this.draft, this.path)
    if (replaces) await rm(old, { recursive: true, force: true })
  }

  async discard(): Promise<void> {
    await rm(this.draft, { recursive: true, force: true })
  }
}

const besides = (path: string, suffix: string): string => join(dirname(path), `.${basename(path)}.${suffix}`)

/** Whether a folder is a finished run folder. */
export async function isRunFolder(path: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(path, RUN_FILES.manifest), 'utf8')) as {
      format?: unknown
    }
    return manifest.format === MANIFEST_FORMAT
  } catch {
    return false
  }
}

async function checkReplaceable(path: string): Promise<void> {
  if (!existsSync(path)) return
  const names = await readdir(path).catch(() => undefined)
  if (names?.length === 0) return
  if (names === undefined || !(await isRunFolder(path)))
    throw new RunFolderError(`invalid run folder: ${quote(path)} holds something else (choose another --out)`)
}

// What a process that is gone has left: a draft is removed, a run that it moved aside is put back.
async function recover(path: string): Promise<void> {
  const parent = dirname(path)
  const pattern = new RegExp(`^\\.${escape(basename(path))}\\.(tmp|old)-(\\d+)$`)
  const names = await readdir(parent).catch(() => [])
  for (const name of names) {
    const [, kind, pid] = pattern.exec(name) ?? []
    if (kind === undefined || isAlive(Number(pid))) continue
    const left = join(parent, name)
    if (kind === 'old' && !existsSync(path)) await rename(left, path)
    else await rm(left, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
