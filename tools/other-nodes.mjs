// Tries the command line under other Node versions, which the package registry provides, and compares what it finds out with what this
// one does: node tools/other-nodes.mjs 22 24
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { summaryLine } from './test-report.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const count = { passed: 0, failed: 0, skipped: 0 }

function capture(command, args) {
  const { error, status, stderr, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 300_000,
  })
  return { ok: status === 0, stdout: stdout ?? '', output: error?.message ?? `${stdout}${stderr}` }
}

function record(name, ok, output) {
  count[ok ? 'passed' : 'failed']++
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (!ok) console.log(output.trim().replace(/^/gm, '  '))
  return ok
}

function installNode(major, folder) {
  const { ok, output } = capture('npm', [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    `node@${major}`,
  ])
  const node = join(folder, 'node_modules/.bin/node')
  const found = ok ? capture(node, ['--version']) : { stdout: '', output }
  return record(`node ${major} installs`, found.stdout.startsWith(`v${major}.`), found.output)
    ? node
    : undefined
}

const SMOKE = ['run', 'experiments/configs/smoke.yaml', '--workers', '1']

/** Hash of all outcomes of a run, the trained model's too. */
function outcomesOf(out) {
  const path = join(out, 'manifest.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).outcomesHash : undefined
}

function tryNode(major, folder, expected) {
  const node = installNode(major, folder)
  if (!node) return
  const seedbed = (args, accept) => {
    const result = capture(node, ['bin/seedbed.js', ...args])
    record(`node ${major}: seedbed ${args[0]}`, result.ok && accept(result.stdout), result.output)
  }
  const out = join(folder, 'run')
  seedbed(['--version'], (stdout) => stdout.trim() === version)
  seedbed(['check', 'experiments/configs/quickstart.yaml'], (stdout) => stdout.length > 0)
  seedbed([...SMOKE, '--out', out], () => outcomesOf(out) !== undefined)
  const found = outcomesOf(out)
  record(
    `node ${major}: the outcomes of ${process.version}`,
    found === expected,
    `${found} is not ${expected}`,
  )
}

const majors = process.argv.slice(2)
const invalid = majors.find((major) => !/^\d+$/.test(major))
if (invalid !== undefined || majors.length === 0) {
  console.error(`invalid Node version: ${invalid ?? 'none'} (allowed: major versions, such as 22 24)`)
  process.exit(2)
}
const own = mkdtempSync(join(tmpdir(), 'seedbed-node-'))
capture(process.execPath, ['bin/seedbed.js', ...SMOKE, '--out', join(own, 'run')])
const expected = outcomesOf(join(own, 'run'))
rmSync(own, { recursive: true, force: true })
for (const major of majors) {
  const folder = mkdtempSync(join(tmpdir(), `seedbed-node-${major}-`))
  try {
    tryNode(major, folder, expected)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
console.log(summaryLine(count))
process.exitCode = count.failed === 0 ? 0 : 1
