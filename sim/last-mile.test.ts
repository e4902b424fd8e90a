import { expect, it } from 'vitest'
import { lastMileOf } from './last-mile.ts'

const DRAWS = Array.from({ length: 10_000 }, (_, i) => (i + 0.5) / 10_000)

it('has the class’s mean and the spread asked for', () => {
  const drawnMs = DRAWS.map((quantile) => lastMileOf(8, 0.7, quantile))
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const logs = drawnMs.map(Math.log)
  // The ends that are cut take a little of both.
  expect(mean(drawnMs) / 8).toBeCloseTo(1, 1)
  expect(Math.sqrt(mean(logs.map((value) => (value - mean(logs)) ** 2)))).toBeCloseTo(0.7, 1)
  expect(drawnMs).toEqual(drawnMs.toSorted((a, b) => a - b))
})

it('is the same for all hosts without a spread', () => {
  for (const quantile of [0, 0.3, 1]) expect(lastMileOf(8, 0, quantile)).toBe(8)
})
