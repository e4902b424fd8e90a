import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'vitest'
import table from '../system-components.json' with { type: 'json' }

export type SystemComponent = keyof typeof table

/** Where to look; the defaults are this machine and this project. */
export interface Surroundings {
  searchPath: string
  root: string
  ci: boolean
}

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped test lacks, and how to get it; the test command prints it. */
    missing?: string
    /** Nothing can install it: no failure with CI=true either. */
    excused?: boolean
  }
}

function here(): Surroundings {
  return {
    searchPath: process.env['PATH'] ?? '',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    ci: process.env['CI'] === 'true',
  }
}

function isFile(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The path of a component's program or file, or `undefined` where it isn't installed. */
export function findSystem(component: SystemComponent, where: Surroundings = here()): string | undefined {
  const entry = table[component]
  if ('file' in entry) {
    const file = resolve(where.root, entry.file)
    return isFile(file, constants.R_OK) ? file : undefined
  }
  const folders = where.searchPath.split(delimiter).filter((folder) => folder !== '')
  const candidates = entry.binaries.flatMap((binary) => folders.map((folder) => join(folder, binary)))
  return candidates.find((path) => isFile(path, constants.X_OK))
}

/**
 * The path of a component that the running test needs: `const chromium = requireSystem('chromium', context)`.
 * Where it is missing the test is skipped, with the reason in the test command's summary; with `CI=true` it fails, unless
 * the table excuses the component because nothing can install it.
 */
export function requireSystem(
  component: SystemComponent,
  context: TestContext,
  where: Surroundings = here(),
): string {
  const path = findSystem(component, where)
  if (path !== undefined) return path
  const entry = table[component]
  const isExcused = 'excused' in entry
  const missing = `${component} is missing: ${entry.get}${isExcused ? '' : ' installs it'}`
  if (where.ci && !isExcused) throw new Error(`${missing} (a skip is a failure with CI=true)`)
  context.task.meta.missing = missing
  if (isExcused) context.task.meta.excused = true
  return context.skip(missing)
}
