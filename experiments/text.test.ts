import { expect, it } from 'vitest'
import { durationText, numberText, tableText } from './text.ts'

it.each([
  [0.42, '0.4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.9, '1 min 0 s'],
  [185, '3 min 5 s'],
  [7440, '2 h 4 min'],
])('durationText(%d) is %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
})

it.each([
  [0, 3, '0'],
  [123456, 3, '123456'],
  [12.3456, 3, '12.3'],
  [0.00123456, 3, '0.00123'],
  [-1.5, 2, '-1.5'],
])('numberText(%d, %i) is %s', (value, digits, text) => {
  expect(numberText(value, digits)).toBe(text)
})

it('aligns names left and numbers right', () => {
  expect(
    tableText([
      ['name', 'kind', 's'],
      ['a', 'x', '1.5'],
      ['longer', 'yy', '–'],
    ]),
  ).toBe(['name    kind    s', '──────  ────  ───', 'a       x     1.5', 'longer  yy      –'].join('\n'))
})
