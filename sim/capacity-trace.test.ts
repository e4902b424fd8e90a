import { describe, expect, it } from 'vitest'
import { TraceCursor, summarizeTrace, traceProblem } from './capacity-trace.ts'

const TRACE = { durationsMs: [100, 50, 250], bps: [10, 0, 40] }

it('summarises a trace by time, not by entry', () => {
  expect(summarizeTrace(TRACE)).toEqual({ durationMs: 400, meanBps: 27.5, maxBps: 40 })
})

it('names what is wrong with a trace', () => {
  expect(traceProblem(TRACE)).toBeUndefined()
  expect(traceProblem({ durationsMs: [1], bps: [] })).toBe(
    '1 durations and 0 capacities (as many of both, one at least)',
  )
  expect(traceProblem({ durationsMs: [0], bps: [1] })).toBe('duration 0 ms (more than 0)')
  expect(traceProblem({ durationsMs: [1], bps: [-1] })).toBe('capacity -1 B/s (0 or more)')
  expect(traceProblem({ durationsMs: [1], bps: [0] })).toBe('no capacity at any time (more than 0 somewhere)')
})

describe('TraceCursor', () => {
  const at = ({ bps, endsMs }: TraceCursor) => [bps, endsMs]

  it('starts where the offset lies, and loops', () => {
    const cursor = new TraceCursor(TRACE, 120, 1000)
    expect(at(cursor)).toEqual([0, 1030])
    cursor.advance(1029)
    expect(at(cursor)).toEqual([0, 1030])
    cursor.advance(1030)
    expect(at(cursor)).toEqual([40, 1280])
    cursor.advance(1280)
    expect(at(cursor)).toEqual([10, 1380])
    // Three rounds later it stands at the same place.
    cursor.advance(1280 + 3 * 400)
    expect(at(cursor)).toEqual([10, 1380 + 3 * 400])
  })
})
