import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseDocument, stringify } from 'yaml'
import { checkSimConfig } from '../../sim/config-check.ts'
import { SimConfigError } from '../../sim/errors.ts'
import { DataFileError } from '../data/errors.ts'
import { toSimConfig } from '../sim-config.ts'
import { withDataFolder } from './data-folder.ts'
import { ConfigError } from './errors.ts'
import { withValueAt } from './paths.ts'
import { describeIssues, expectation } from './problems.ts'
import { type Config, configSchema, NOT_IN_MATRIX, problemsBetweenKeys } from './schema.ts'

/** `path=value` of `--set`, the value read as YAML. */
export interface Override {
  readonly path: string
  readonly value: unknown
}

/** Reads YAML; `source` names it in errors. Throws ConfigError. */
export function parseYaml(text: string, source: string): unknown {
  const document = parseDocument(text)
  if (document.errors.length > 0)
    throw new ConfigError(
      source,
      document.errors.map((error) => error.message.split('\n')[0]),
    )
  return document.toJS({ maxAliasCount: 100 }) as unknown
}

/** Reads `path=value`. Throws ConfigError. */
export function parseOverride(text: string): Override {
  const at = text.indexOf('=')
  if (at <= 0)
    throw new ConfigError('--set', [
      `invalid override: ${JSON.stringify(text)} (path=value, e.g. swarm.peers=200)`,
    ])
  return {
    path: text.slice(0, at).trim(),
    value: parseYaml(text.slice(at + 1), `--set ${text.slice(0, at)}`),
  }
}

/**
 * Fills in and checks a config. Throws ConfigError with every problem found; `source` names the config in it. Paths of data
 * files start from the config's `dataFolder`, which itself starts from `folder`.
 */
export function resolveConfig(
  raw: unknown,
  source: string,
  overrides: readonly Override[] = [],
  folder = '.',
): Config {
  const given = overrides.reduce((tree, { path, value }) => withValueAt(tree, path, value), raw)
  const input = withDataFolder(given, folder)
  const config = check(input, source)
  for (const path of Object.keys(config.matrix)) {
    const [top] = path.split('.')
    if (NOT_IN_MATRIX.includes(top))
      throw new ConfigError(source, [`invalid matrix path: ${path} (${top} cannot be varied)`])
    for (const value of config.matrix[path]) atPoint(config, { [path]: value }, source)
  }
  return config
}

/** The config at one point of its matrix. Throws ConfigError where a value of the point is not valid. */
export function atPoint(config: Config, point: Readonly<Record<string, unknown>>, source = 'config'): Config {
  const input = Object.entries(point).reduce<unknown>(
    (tree, [path, value]) => withValueAt(tree, path, value),
    config,
  )
  return check(input, `${source} at ${describePoint(point)}`)
}

/** A point as people read it: `swarm.peers=200,network.lossRate=0.01`; empty for the only point of no matrix. */
export const describePoint = (point: Readonly<Record<string, unknown>>): string =>
  Object.entries(point)
    .map(([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(',')

/** Reads a config file. Throws ConfigError; the error of the file system where it cannot be read. */
export async function loadConfig(path: string, overrides: readonly Override[] = []): Promise<Config> {
  return resolveConfig(parseYaml(await readFile(path, 'utf8'), path), path, overrides, dirname(path))
}

/** A resolved config as YAML; reads back as the same config. */
export const configYaml = (config: Config): string => stringify(config, { lineWidth: 110 })

/** SHA-256 of a resolved config, keys in schema order; where its data files lie is no part of it. */
export const configHash = (config: Config): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...config, dataFolder: null }))
    .digest('hex')

function check(input: unknown, source: string): Config {
  const result = configSchema.safeParse(input, { error: expectation, reportInput: true })
  if (!result.success) throw new ConfigError(source, describeIssues(result.error.issues, input))
  const problems = [...problemsBetweenKeys(result.data), ...problemsOfWorld(result.data)]
  if (problems.length > 0) throw new ConfigError(source, problems)
  return result.data
}

function problemsOfWorld(config: Config): string[] {
  try {
    checkSimConfig(toSimConfig(config, 'check'))
    return []
  } catch (error) {
    if (error instanceof SimConfigError || error instanceof DataFileError) return [error.message]
    throw error
  }
}
