// The test command: type check, lint, format, build and tests; the last line is `N passed, N failed`.
// Every check counts as one, like a test. With CI=true a skipped test is a failure.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTestReport, summaryLine } from './test-report.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const script = (path, ...args) => [process.execPath, join(root, path), ...args]

function run([command, ...args], stdio) {
  const output = []
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', stdio, stdio] })
  child.stdout?.on('data', (data) => output.push(data))
  child.stderr?.on('data', (data) => output.push(data))
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, output: `${error.message}\n` }))
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(output).toString() }))
  })
}

async function check(name, command) {
  const start = performance.now()
  const { ok, output } = await run(command, 'pipe')
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  if (!ok) console.log(output.replace(/^/gm, '  '))
  return ok
}

async function testWithVitest(filters) {
  const folder = mkdtempSync(join(tmpdir(), 'seedbed-test-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const { ok } = await run(
      script('node_modules/vitest/vitest.mjs', 'run', ...reporters, ...filters),
      'inherit',
    )
    return readTestReport(file, { ok, ci: process.env.CI === 'true' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// The build comes first: it generates sources that the type check reads.
const checks = [
  ...(await Promise.all([
    check('build', script('tools/build.mjs')),
    check('format', script('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')),
  ])),
  ...(await Promise.all([
    check('type check', script('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json')),
    check('lint', script('node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.')),
  ])),
]
const tests = await testWithVitest(process.argv.slice(2))
for (const line of tests.notes) console.log(line)
const failedChecks = checks.filter((ok) => !ok).length
console.log(
  `checks: ${summaryLine({ passed: checks.length - failedChecks, failed: failedChecks, skipped: 0 })}`,
)
console.log(`tests: ${summaryLine(tests)}`)
const failed = failedChecks + tests.failed
console.log(
  summaryLine({ passed: checks.length - failedChecks + tests.passed, failed, skipped: tests.skipped }),
)
process.exitCode = failed === 0 ? 0 : 1
