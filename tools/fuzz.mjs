// Draws malformed input for every parser of what comes from outside, 100,000 cases each, and sees that the heap does not grow with
// them; then worlds with every check.
// Who gives arguments wants worlds only: npm run fuzz -- --runs 1000.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CASES = '100000'
const MOST_MS = 30 * 60_000
const root = fileURLToPath(new URL('..', import.meta.url))
const folders = ['peer', 'tracker']

function fuzzParsers() {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => join(folder, name))
      .filter(
        (path) => path.endsWith('.test.ts') && /\bawait fuzz\(/.test(readFileSync(join(root, path), 'utf8')),
      ),
  )
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  return run([vitest, 'run', `--testTimeout=${MOST_MS}`, ...files])
}

function run(words) {
  const env = { SEEDBED_FUZZ_CASES: CASES, ...process.env }
  return spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit', env }).status ?? 1
}

const given = process.argv.slice(2)
const parsers = given.length === 0 ? fuzzParsers() : 0
process.exitCode = parsers || run([join(root, 'bin/seedbed.js'), 'fuzz', ...given])
