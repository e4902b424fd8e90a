import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { renderReport } from '../reports/render.ts'
import { makeResult } from '../reports/result.testing.ts'
import { resultSchema } from '../reports/schema.ts'
import { MANIFEST_FORMAT } from './manifest.ts'
import { mergeResults, readResult } from './run-results.ts'

const root = mkdtempSync(join(tmpdir(), 'seedbed-results-'))
afterAll(() => rmSync(root, { recursive: true }))

function writeRun(name: string, result: unknown): string {
  const folder = join(root, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ format: MANIFEST_FORMAT }))
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result))
  return folder
}

describe('readResult', () => {
  it('reads what was written', async () => {
    const result = makeResult()
    expect(await readResult(writeRun('good', result))).toEqual(result)
  })

  it('refuses what is no run folder, and what another version wrote', async () => {
    await expect(readResult(root)).rejects.toThrow(
      /^invalid run folder: .*no manifest.json of a finished run/,
    )
    await expect(readResult(writeRun('old', { schemaVersion: 0 }))).rejects.toThrow(
      /written by another version/,
    )
  })
})

describe('mergeResults', () => {
  const one = makeResult({ policies: { random: 1, oracle: 1.2 } })
  const two = makeResult({ policies: { random: 1, nearest: 0.9 }, oracle: null })

  it('leaves one result as it is', () => {
    expect(mergeResults([one], ['runs/a'])).toBe(one)
  })

  it('makes the run a dimension of the matrix', () => {
    const merged = mergeResults([one, two], ['runs/a', 'old/a'])
    expect(resultSchema.parse(merged)).toEqual(merged)
    expect(merged.cells.map(({ policy, point }) => [policy, point['run']])).toEqual([
      ['random', 'a'],
      ['oracle', 'a'],
      ['random', 'a (2)'],
      ['nearest', 'a (2)'],
    ])
    expect(merged.baseline).toBe('random')
    expect(merged.oracle).toBeNull()
    expect(merged.metrics).toEqual(one.metrics)
    expect(merged.outcomeRows).toBe(one.outcomeRows + two.outcomeRows)
    expect(renderReport(merged)).toContain('a (2)')
  })
})
