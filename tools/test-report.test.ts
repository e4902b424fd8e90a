import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readTestReport, summaryLine } from './test-report.mjs'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-report-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function readReport(report: unknown, run: { ok: boolean; ci: boolean }) {
  const file = join(folder, 'report.json')
  if (report !== undefined) writeFileSync(file, JSON.stringify(report))
  const counts = readTestReport(file, run)
  return { ...counts, line: summaryLine(counts) }
}

const test = (status: string, missing?: string) => ({
  status,
  fullName: `a ${status} test`,
  meta: { missing },
})
const file = (status: string, ...assertionResults: unknown[]) => ({
  testResults: [
    { name: `${process.cwd()}/x.test.ts`, status, message: 'no such module\nstack', assertionResults },
  ],
})

it('counts passed and failed tests', () => {
  const report = file('failed', test('passed'), test('passed'), test('failed'))
  expect(readReport(report, { ok: false, ci: true })).toMatchObject({ line: '2 passed, 1 failed', notes: [] })
})

it('takes a skip for a failure with CI=true, unless it is excused', () => {
  const excused = { ...test('skipped', 'y is missing'), meta: { missing: 'y is missing', excused: true } }
  const report = file('passed', test('passed'), excused)
  expect(readReport(report, { ok: true, ci: true })).toMatchObject({
    line: '1 passed, 0 failed, 1 skipped',
    notes: ['skipped 1 test: y is missing'],
  })
})

it('says once what skipped tests lack', () => {
  const report = file(
    'passed',
    test('passed'),
    test('skipped', 'x is missing'),
    test('skipped', 'x is missing'),
  )
  expect(readReport(report, { ok: true, ci: false })).toMatchObject({
    line: '1 passed, 0 failed, 2 skipped',
    notes: ['skipped 2 tests: x is missing'],
  })
})

it('takes a skip for a failure with CI=true', () => {
  expect(readReport(file('passed', test('skipped')), { ok: true, ci: true })).toMatchObject({
    line: '0 passed, 1 failed',
    notes: ['FAILED: skipped with CI=true: a skipped test'],
  })
})

it('takes a file that does not load for a failure', () => {
  expect(readReport(file('failed'), { ok: false, ci: false })).toMatchObject({
    line: '0 passed, 1 failed',
    notes: ['FAILED: x.test.ts: no such module'],
  })
})

it('takes an exit status that no test explains for a failure', () => {
  expect(readReport(file('passed', test('passed')), { ok: false, ci: false })).toMatchObject({
    line: '1 passed, 1 failed',
    notes: ['FAILED: Vitest reported an error outside the tests (see above)'],
  })
})

it('takes a missing report for a failure', () => {
  expect(readReport(undefined, { ok: true, ci: false }).line).toBe('0 passed, 1 failed')
})
