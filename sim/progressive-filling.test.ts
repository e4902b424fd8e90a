import { describe, expect, it } from 'vitest'
import { progressiveFilling } from './progressive-filling.ts'

const rates = (capacities: number[], flows: [path: number[], capBps?: number][]): number[] =>
  Array.from(
    progressiveFilling(
      capacities,
      flows.map(([path, capBps = Infinity]) => ({ path, capBps })),
    ),
  )

describe('progressiveFilling', () => {
  it('splits one link equally', () => {
    expect(rates([12], [[[0]], [[0]], [[0]]])).toEqual([4, 4, 4])
  })

  it('solves the line network', () => {
    expect(rates([10, 4, 9], [[[0, 1, 2]], [[0]], [[1]], [[2]]])).toEqual([2, 8, 2, 7])
  })

  it('passes on what a capped flow leaves, and what a stalled one cannot use', () => {
    expect(rates([10], [[[0], 1], [[0], 4], [[0]]])).toEqual([1, 4, 5])
    expect(rates([10, 0], [[[0, 1]], [[0]]])).toEqual([0, 10])
  })

  it('leaves a flow without links at its cap', () => {
    expect(rates([], [[[], 3]])).toEqual([3])
  })

  it('makes no rate larger that would not cost a flow as small: every flow has a bottleneck', () => {
    const capacities = [10, 7, 22, 3, 15]
    const paths = [[0, 1], [0, 2], [1, 2, 3], [2], [4, 0], [4], [3, 4], [2, 4], [1]]
    const result = rates(
      capacities,
      paths.map((path) => [path]),
    )
    const load = capacities.map((_, link) =>
      paths.reduce((total, path, flow) => total + (path.includes(link) ? result[flow] : 0), 0),
    )
    paths.forEach((path, flow) => {
      const limiting = path.filter(
        (link) =>
          Math.abs(load[link] - capacities[link]) < 1e-9 &&
          paths.every((other, index) => !other.includes(link) || result[index] <= result[flow] + 1e-9),
      )
      expect(limiting).not.toEqual([])
    })
  })
})
