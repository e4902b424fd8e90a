import { expect, it } from 'vitest'
import { pointValueText } from './point-text.ts'

it.each([
  [12, '12'],
  ['2 MB', '2 MB'],
  [null, 'null'],
  [{ kind: 'poisson', meanGapS: 2 }, 'poisson (meanGapS 2)'],
  [{ kind: 'rarest-first' }, 'rarest-first'],
  [
    [
      { name: 'slow', upBps: 1 },
      { name: 'fast', upBps: 2 },
    ],
    'slow + fast',
  ],
  [[], 'none'],
  [{ a: 1 }, '{"a":1}'],
])('%j reads %s', (value, text) => {
  expect(pointValueText(value)).toBe(text)
})
