import { expect, it } from 'vitest'
import { removeAt, removeFrom } from './remove-from.ts'

it('takes the first equal item off, and keeps the order of the others', () => {
  const list = ['a', 'b', 'c', 'b']
  expect(removeFrom(list, 'b')).toBe(true)
  expect(list).toEqual(['a', 'c', 'b'])
  expect(removeFrom(list, 'x')).toBe(false)
  expect(list).toEqual(['a', 'c', 'b'])
})

it('takes off the first and the last', () => {
  const list = [1, 2, 3]
  removeAt(list, 2)
  expect(list).toEqual([1, 2])
  removeAt(list, 0)
  expect(list).toEqual([2])
  removeAt(list, 0)
  expect(list).toEqual([])
})
