import { describe, expect, it } from 'vitest'
import { makeResult, type ResultOptions } from '../result.testing.ts'
import type { Result } from '../schema.ts'
import { findingsOf } from './headline.ts'
import { matrixPoints } from './points.ts'

function sentences(result: Result): string[] {
  return findingsOf(result, matrixPoints(result)).map(({ text }) =>
    text
      .replace(/<[^>]*>/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
  )
}

const findings = (options: ResultOptions): string[] => sentences(makeResult(options))

describe('findings', () => {
  it('speak of the model, with intervals, and of the share of the oracle gain', () => {
    const [first, ...rest] = findings({ policies: { random: 1, model: 1.16, fastest: 1.1, oracle: 1.26 } })
    expect(first).toMatch(
      /^model lowered mean completion time by 1[\d.]+ % \[1[\d.]+, 1[\d.]+\] against random, to [\d.]+ s, and captured \d+ % \[\d+, \d+\] of the oracle’s gain\.$/,
    )
    expect(rest).toContain('Against random, of 2 policies: 2 better, 0 worse, 0 inconclusive.')
    expect(rest[0]).toMatch(
      /^Against fastest, the best of the other policies, model is better: lower by [\d.]+ % \[[\d.]+, [\d.]+\]\.$/,
    )
    expect(rest[1]).toMatch(/^Lowest mean completion time apart from the oracle: model, [\d.]+ s\.$/)
  })

  it('say so where nothing can be told apart', () => {
    const [first, second] = findings({ policies: { random: 1, model: 1.0005 }, oracle: null })
    expect(first).toMatch(
      /^Inconclusive: the interval of the difference between model and random in mean completion time includes 0/,
    )
    expect(second).toBe('No policy stands out in mean completion time.')
  })

  it('say so where the model cannot be told from the best of the others', () => {
    const [, second] = findings({ policies: { random: 1, fastest: 1.2, model: 1.2005, oracle: 1.3 } })
    expect(second).toMatch(
      /^Against fastest, the best of the other policies, model is inconclusive: (lower|higher) by /,
    )
  })

  it('say so where the model is worse', () => {
    const [first] = findings({ policies: { random: 1, model: 0.8, oracle: 1.2 } })
    expect(first).toMatch(
      /^model raised mean completion time by 2[\d.]+ % .* against random, to .* it is worse\.$/,
    )
  })

  it('conclude nothing from one replication', () => {
    const [first] = findings({ policies: { random: 1, model: 1.2 }, oracle: null, replications: 1 })
    expect(first).toMatch(/^In a single replication, .* nothing can be concluded\.$/)
  })

  it('do without a baseline', () => {
    const all = findings({ policies: { random: 1, model: 1.2 }, oracle: null, baseline: null })
    expect(all).toHaveLength(2)
    expect(all[0]).toMatch(/^Against random, the best of the other policies, model is better: lower by /)
    expect(all[1]).toMatch(/^Lowest mean completion time: model, /)
  })

  it('count over matrix points', () => {
    const points = [{ churn: 'low' }, { churn: 'high' }]
    const [only] = findings({ policies: { random: 1, model: 1.2 }, oracle: null, points })
    expect(only).toMatch(
      /^Over 2 matrix points, model against random in mean completion time: 2 better, 0 worse, 0 inconclusive; the difference ranges from −1[\d.]+ % to −1[\d.]+ %\.$/,
    )
  })

  it('stand where no run gave a value', () => {
    expect(sentences({ ...makeResult(), cells: [] })).toEqual([
      'There is nothing to report: no run gave a value.',
    ])
    const empty = makeResult({ policies: { random: 1, model: 1.2 }, replications: 0 })
    expect(sentences(empty)).toEqual(['No run gave a value of any metric.'])
  })
})
