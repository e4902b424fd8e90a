import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

interface PackageJson {
  readonly name: string
  readonly version: string
}

const read = (path: string): PackageJson => JSON.parse(readFileSync(path, 'utf8')) as PackageJson

/** The folder of Seedbed's package.json. */
export const packageRoot: string = findRoot()

/** Seedbed's own version. */
export const seedbedVersion: string = read(`${packageRoot}/package.json`).version

/** Versions of what an outcome may depend on. */
export async function versions(): Promise<Record<string, string>> {
  const duckdb = await import('@duckdb/node-api')
  return {
    seedbed: seedbedVersion,
    node: process.versions.node,
    v8: process.versions.v8,
    duckdb: duckdb.version(),
    tensorflowjs: read(createRequire(import.meta.url).resolve('@tensorflow/tfjs/package.json')).version,
  }
}

/** Commit of the checkout that runs, with `-dirty` where files differ; null outside a checkout. */
export function commit(): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', packageRoot, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  try {
    if (git('rev-parse', '--show-toplevel') !== packageRoot) return null
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '-dirty')
  } catch {
    return null
  }
}

// The sources lie one folder below the root, the compiled files two.
function findRoot(): string {
  const folders = ['..', '../..'].map((up) =>
    fileURLToPath(new URL(up, import.meta.url)).replace(/[/\\]$/, ''),
  )
  const root = folders.find((folder) => {
    try {
      return read(`${folder}/package.json`).name === 'seedbed'
    } catch {
      return false
    }
  })
  if (root === undefined) throw new Error(`no package.json of seedbed in ${folders.join(' or ')}`)
  return root
}
