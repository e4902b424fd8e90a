import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { completeMatrix, matrixProblem } from '../../sim/latency-matrix.ts'
import { DataFileError } from './errors.ts'
import { parseLatencyMatrix } from './latency-matrix.ts'
import { SharedData } from './shared-data.testing.ts'

describe('parseLatencyMatrix', () => {
  it('reads rows in either unit; what was not measured is 0', () => {
    expect(parseLatencyMatrix('0 20 -1\n 22\t0 7.5\n\nnan 0.5 3\n', 'm', 'ms')).toEqual([
      [0, 20, 0],
      [22, 0, 7.5],
      [0, 0.5, 0],
    ])
    expect(parseLatencyMatrix('0 0.25\n0.5 0', 'm', 's')).toEqual([
      [0, 250],
      [500, 0],
    ])
  })

  it.each([
    ['', '0 rows (2 to 2000 expected)'],
    ['0 1\n1', 'row 2 has 1 entries (2 expected, as many as there are rows)'],
    ['0 1\n1 0 3', 'row 2 has 3 entries (2 expected'],
    ['0 1\nx 0', 'row 2, entry 1: "x" (a number expected)'],
    ['0 0\n1 0', 'row 1 has no measured entry (one at least expected)'],
  ])('refuses %j', (text, problem) => {
    const parse = () => parseLatencyMatrix(text, 'bad', 'ms')
    expect(parse).toThrow(DataFileError)
    expect(parse).toThrow(`invalid data file bad: ${problem}`)
  })
})

describe('public matrices', () => {
  const data = new SharedData('latency-matrices')
  afterAll(() => data.remove())

  it('has the published quantiles of PlanetLab, and completes it', (context) => {
    const matrix = read(context, 'planetlab/PlanetLabData_1', 'ms')
    expect(matrix.length).toBe(490)
    const measured = matrix
      .flat()
      .filter((ms) => ms > 0)
      .sort((a, b) => a - b)
    const at = [0.05, 0.5, 0.95].map((share) => measured[Math.floor(share * measured.length)])
    expect(at.map(Math.round)).toEqual([19, 135, 325])
    expect(matrixProblem(completeMatrix(matrix))).toBeUndefined()
  })

  it('reads Seattle, in seconds', (context) => {
    const matrix = read(context, 'seattle/SeattleData_1', 's')
    expect(matrix.length).toBe(99)
    expect(matrixProblem(completeMatrix(matrix))).toBeUndefined()
  })

  const read = (context: Parameters<SharedData['folder']>[0], path: string, unit: 'ms' | 's') =>
    parseLatencyMatrix(readFileSync(join(data.folder(context), 'netlatency', path), 'utf8'), path, unit)
})
