import { describe, expect, it } from 'vitest'
import { TraceCursor, summarizeTrace, traceProblem } from './capacity-trace.ts'

const TRACE = { durationsMs: [100, 50, 250], bps: [10, 0, 40] }

it('summarises a trace by time, not by entry', () => {
  expect(summarizeTrace(TRACE)).toEqual({ durationMs: 400, meanBps: 27.5, maxBps: 40 })
})

it('names what is wrong with a trace', () => {
  expect(traceProblem(TRACE)).toBeUndefined()
  const found = (durationsMs: number[], bps: number[]) => traceProblem({ durationsMs, bps })?.found
  expect(found([1], [])).toBe('1 durations and 0 capacities')
  expect(found([0], [1])).toBe('duration 0 ms')
  expect(found([1], [-1])).toBe('capacity -1 B/s')
  expect(found([1], [0])).toBe('no capacity at any time')
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
