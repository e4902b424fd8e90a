import { describe, expect, it } from 'vitest'
import { bestIndices, pairedComparison, shareOfOracleGain } from './paired.ts'

describe('paired comparison', () => {
  it('finds a difference that is far smaller than the spread between replications', () => {
    const comparison = pairedComparison([9, 19, 29.5], [10, 20, 30], 'random')!
    expect(comparison.meanDifference).toBeCloseTo(-0.8333, 4)
    // Differences -1, -1, -0.5, variance 1/12: -0.83333 ± 4.3026527 · √(1/36).
    expect(comparison.ci95![0]).toBeCloseTo(-1.550442, 5)
    expect(comparison.ci95![1]).toBeCloseTo(-0.116225, 5)
    expect(comparison.relative).toBeCloseTo(-0.041667, 6)
    expect(comparison.significant).toBe(true)
    expect(comparison.baseline).toBe('random')
  })

  it('leaves out replications that lack a value', () => {
    expect(pairedComparison([1, null, 3], [2, 2, null], 'b')).toMatchObject({
      meanDifference: -1,
      ci95: null,
    })
    expect(pairedComparison([null], [2], 'b')).toBeNull()
  })

  it('never calls equal policies different, and gives no ratio to a baseline of 0', () => {
    const comparison = pairedComparison([0, 0, 0], [0, 0, 0], 'b')!
    expect(comparison).toMatchObject({ ci95: [0, 0], significant: false, relative: null, relativeCi95: null })
  })
})

describe('share of the oracle gain', () => {
  const baseline = [10, 20, 30]
  const oracle = [6, 15.5, 26]

  it('is 1 for the oracle, 0 for the baseline and between otherwise', () => {
    expect(shareOfOracleGain(oracle, baseline, oracle, 'lower')!.mean).toBeCloseTo(1, 12)
    expect(shareOfOracleGain(baseline, baseline, oracle, 'lower')!.mean).toBe(0)
    const half = shareOfOracleGain([8, 17.8, 27.9], baseline, oracle, 'lower')!
    expect(half.mean).toBeCloseTo(6.3 / 12.5, 12)
    expect(half.ci95![0]).toBeLessThan(half.mean!)
    expect(half.ci95![1]).toBeGreaterThan(half.mean!)
  })

  it('turns round for metrics where more is better', () => {
    const negated = (values: number[]): number[] => values.map((value) => -value)
    const share = shareOfOracleGain(negated([8, 18, 28]), negated(baseline), negated(oracle), 'higher')!
    expect(share.mean).toBeCloseTo(6 / 12.5, 12)
  })

  it('is null where the oracle gains nothing, without an interval where its gain is unclear', () => {
    expect(shareOfOracleGain([8, 18], [10, 20], [10, 20], 'lower')).toBeNull()
    expect(shareOfOracleGain([8, 18], [10, 20], [11, 20], 'lower')).toBeNull()
    expect(shareOfOracleGain([8, 18], [10, 20], [5, 21], 'lower')).toMatchObject({
      mean: 1,
      ci95: null,
      n: 2,
    })
    expect(shareOfOracleGain([null], [1], [1], 'lower')).toBeNull()
  })
})

describe('best policies', () => {
  it('holds the best and those that cannot be told from it', () => {
    const columns = [
      [10, 11, 12],
      [5, 6.2, 7.1],
      [5.1, 6, 7.2],
    ]
    expect(bestIndices(columns, 'lower')).toEqual([1, 2])
    expect(bestIndices(columns, 'higher')).toEqual([0])
    expect(bestIndices(columns, 'neither')).toEqual([])
  })

  it('is empty where all are alike or nothing is known', () => {
    expect(
      bestIndices(
        [
          [1, 1],
          [1, 1],
        ],
        'lower',
      ),
    ).toEqual([])
    expect(bestIndices([[null], [null]], 'lower')).toEqual([])
  })

  it('takes the plain best with one replication', () => {
    expect(bestIndices([[2], [1], [1.5]], 'lower')).toEqual([1])
  })
})
