import { describe, expect, it } from 'vitest'
import { UsageError } from '../errors.ts'
import { KEEP_ALL, keeps, parseFilter } from './trace-filter.ts'
import { event } from './trace.testing.ts'

describe('parseFilter', () => {
  it('reads times in seconds or with a unit, and one or several names', () => {
    expect(parseFilter({})).toEqual(KEEP_ALL)
    expect(parseFilter({ from: '1.5', until: '2min', node: 'peer-1', kind: ['hear', 'send'] })).toEqual({
      fromMs: 1500,
      untilMs: 120_000,
      nodes: ['peer-1'],
      kinds: ['hear', 'send'],
    })
  })

  it.each([
    [{ until: 'soon' }, 'invalid --until: "soon" (seconds, or a text such as 90s or 2min, expected)'],
    [{ from: '-1s' }, 'invalid --from: "-1s"'],
    [{ from: '9', until: '9s' }, 'invalid --until: "9s" (allowed later than --from 9)'],
    [{ kind: 'heard' }, 'invalid --kind: "heard" (did you mean hear? allowed arrive, leave,'],
  ])('refuses %j', (words, message) => {
    expect(() => parseFilter(words)).toThrow(message)
    expect(() => parseFilter(words)).toThrow(UsageError)
  })
})

describe('keeps', () => {
  it('wants all that is asked for', () => {
    const filter = parseFilter({ from: '1s', node: ['a', 'b'], kind: 'send' })
    expect(keeps(filter, event(1, 'a', 'send'))).toBe(true)
    expect(keeps(filter, event(0.999, 'a', 'send'))).toBe(false)
    expect(keeps(filter, event(1, 'c', 'send'))).toBe(false)
    expect(keeps(filter, event(1, 'a', 'hear'))).toBe(false)
    expect(keeps(KEEP_ALL, event(0, 'c', 'hear'))).toBe(true)
  })
})
