import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { nearest } from './config/suggest.ts'
import { UsageError } from './errors.ts'
import { packageRoot } from './package-info.ts'

const folder = join(packageRoot, 'experiments', 'configs')

/** Names of the ready-made configs. */
export const readyMade = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()

/** The file of a config: a path, or the name of a ready-made one. Throws UsageError where there is none. */
export function findConfig(given: string): string {
  if (existsSync(given)) return given
  const names = readyMade()
  if (names.includes(given)) return relative(process.cwd(), join(folder, `${given}.yaml`))
  const meant = nearest(given.replace(/^.*\/|\.ya?ml$/g, ''), names)
  const hint = meant === undefined ? '' : `did you mean ${meant}? `
  throw new UsageError(
    `config not found: ${JSON.stringify(given)} (${hint}ready-made ones: ${names.join(', ')})`,
  )
}
