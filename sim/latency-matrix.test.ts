import { expect, it } from 'vitest'
import { completeMatrix, matrixProblem } from './latency-matrix.ts'

it('completes a matrix: means of both directions, medians for gaps, the nearest neighbour on the diagonal', () => {
  const measured = [
    [0, 10, 40, 0],
    [20, 0, 0, 6],
    [40, 30, 0, 8],
    [0, 6, 8, 0],
  ]
  // Row medians of what was measured: 25, 13, 30, 7.
  expect(completeMatrix(measured)).toEqual([
    [15, 15, 40, 16],
    [15, 6, 30, 6],
    [40, 30, 8, 8],
    [16, 6, 8, 6],
  ])
})

it('names what is wrong with a matrix', () => {
  const found = (...rows: number[][]) => matrixProblem(rows)?.found
  expect(found([1])).toBe('1 nodes')
  expect(found([1, 2], [3])).toBe('row 1 of 1 entries')
  expect(found([1, 2], [0, 1])).toBe('round-trip time 0 ms in row 1')
  expect(found([1, 2], [2, 1])).toBeUndefined()
})
