import type { ChunkSet } from '../../peer/protocol/chunk-set.ts'

const MISSING = '·'
const UNDER_WAY = '▄'
const SHADES = [MISSING, '░', '▒', '▓'] as const
const HELD = '█'

const GREEN = '\u001b[32m'
const YELLOW = '\u001b[33m'
const DIM = '\u001b[2m'
const PLAIN = '\u001b[0m'

export const GRID_LEGEND = `${HELD} have  ${UNDER_WAY} under way  ${MISSING} missing`

export interface GridLook {
  /** Characters in a row. */
  readonly width: number
  /** Most rows: a character stands for several chunks where they are too many. */
  readonly rows: number
  readonly isColoured: boolean
}

/** Draws which chunks are there, under way and missing. */
export function chunkGrid(
  have: ChunkSet,
  fetching: ChunkSet,
  { width, rows, isColoured }: GridLook,
): string[] {
  const perCell = Math.ceil(have.size / (width * rows))
  const cells: string[] = []
  for (let from = 0; from < have.size; from += perCell)
    cells.push(cellOf(have, fetching, from, Math.min(have.size, from + perCell)))
  const drawn: string[] = []
  for (let at = 0; at < cells.length; at += width) {
    const row = cells.slice(at, at + width).join('')
    drawn.push(isColoured ? coloured(row) : row)
  }
  return drawn
}

function cellOf(have: ChunkSet, fetching: ChunkSet, from: number, to: number): string {
  let held = 0
  let isUnderWay = false
  for (let chunk = from; chunk < to; chunk++) {
    if (have.has(chunk)) held++
    else if (fetching.has(chunk)) isUnderWay = true
  }
  if (held === to - from) return HELD
  return isUnderWay ? UNDER_WAY : SHADES[Math.ceil((3 * held) / (to - from))]
}

/** Runs of one kind of cell share their colour codes. */
const coloured = (row: string): string =>
  row.replace(/(█+)|(▄+)|([·░▒▓]+)/g, (run, held?: string, underWay?: string) => {
    const colour = held ? GREEN : underWay ? YELLOW : DIM
    return colour + run + PLAIN
  })
