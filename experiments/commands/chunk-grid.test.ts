import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { chunkGrid } from './chunk-grid.ts'

const setOf = (size: number, isIn: (chunk: number) => boolean): ChunkSet => {
  const set = new ChunkSet(size)
  for (let chunk = 0; chunk < size; chunk++) if (isIn(chunk)) set.add(chunk)
  return set
}
const LOOK = { width: 10, rows: 4, isColoured: false }

it('lets one character stand for several chunks where they are many', () => {
  const have = setOf(100, (chunk) => chunk < 6 || (chunk < 12 && chunk % 2 === 0))
  const none = new ChunkSet(100)
  expect(chunkGrid(have, none, LOOK)).toEqual(['██▒░······', '··········', '··········', '····'])
})

it('shows what is under way', () => {
  const have = setOf(12, (chunk) => chunk < 3)
  const fetching = setOf(12, (chunk) => chunk >= 3 && chunk < 5)
  expect(chunkGrid(have, fetching, LOOK)).toEqual(['███▄▄·····', '··'])
  const coloured = chunkGrid(have, fetching, { ...LOOK, isColoured: true })
  expect(coloured[0]).toBe('\u001b[32m███\u001b[0m\u001b[33m▄▄\u001b[0m\u001b[2m·····\u001b[0m')
  expect(coloured.map(stripVTControlCharacters)).toEqual(['███▄▄·····', '··'])
})

it('never takes more room than there is', () => {
  for (const size of [1, 7, 40, 41, 1000, 65_536]) {
    const rows = chunkGrid(
      setOf(size, (chunk) => chunk % 3 === 0),
      new ChunkSet(size),
      LOOK,
    )
    expect(rows.length).toBeLessThanOrEqual(4)
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(10)
  }
})
