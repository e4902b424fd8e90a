import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** `N passed, N failed`, and `, N skipped` where there are any. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/**
 * Counts in a report of Vitest's JSON reporter, and a note for everything that didn't run as a test.
 * A file that didn't load is a failure, and so is an exit status that no test explains, or a skip where `ci` is set,
 * unless what the test lacks is excused: nothing can install it.
 * @param {string} file
 * @param {{ ok: boolean, ci: boolean }} run `ok`: Vitest exited with 0
 */
export function readTestReport(file, { ok, ci }) {
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, notes: [`FAILED: Vitest left no report (${error.message})`] }
  }
  const count = { passed: 0, failed: 0, skipped: 0 }
  const notes = []
  const missing = new Map()
  for (const { name, status, message, assertionResults } of report.testResults) {
    let failedHere = 0
    for (const test of assertionResults) {
      if (test.status === 'passed') {
        count.passed++
      } else if (test.status === 'failed') {
        failedHere++
      } else if (ci && !test.meta?.excused) {
        failedHere++
        notes.push(`FAILED: skipped with CI=true: ${test.fullName}`)
      } else {
        count.skipped++
        const reason = test.meta?.missing ?? `no reason given: ${test.fullName}`
        missing.set(reason, (missing.get(reason) ?? 0) + 1)
      }
    }
    if (status === 'failed' && failedHere === 0) {
      failedHere = 1
      notes.push(`FAILED: ${relative(process.cwd(), name)}: ${message.split('\n')[0]}`)
    }
    count.failed += failedHere
  }
  for (const [reason, times] of missing)
    notes.push(`skipped ${times === 1 ? '1 test' : `${times} tests`}: ${reason}`)
  if (!ok && count.failed === 0) {
    count.failed = 1
    notes.push('FAILED: Vitest reported an error outside the tests (see above)')
  }
  return { ...count, notes }
}
