import { DuckDBInstance } from '@duckdb/node-api'
import { FEATURE_COUNT } from '../peer/protocol/features.ts'
import { DatasetError } from './errors.ts'
import type { RankingGroups } from './groups.ts'
import { countItems, emptyGroups } from './groups.ts'
import type { DataSummary } from './model-card.ts'
import type { TrainingOptions } from './options.ts'
import type { FetchRows } from './outcome-rows.ts'
import { readFetches } from './outcome-rows.ts'
import type { SplitPart } from './split.ts'
import { planSplit } from './split.ts'

export type DatasetOptions = Pick<
  TrainingOptions,
  'observable' | 'groupSize' | 'windowMs' | 'maxRows' | 'weightClip' | 'validationShare' | 'testShare'
>

export interface Dataset {
  readonly train: RankingGroups
  readonly validation: RankingGroups
  readonly test: RankingGroups
  readonly summary: Omit<DataSummary, 'sources'>
}

/**
 * Outcome files as groups to rank. Only the chosen seed's outcome is ever seen (bandit feedback), so a group is made of
 * several decisions of one requester in one swarm, in order, up to `groupSize` of them within `windowMs`; each item is
 * the chosen seed as it looked when it was chosen, with what came of it. Throws DatasetError.
 */
export async function loadDataset(
  parquetPaths: readonly string[],
  options: DatasetOptions,
): Promise<Dataset> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const { rows, counts } = await readFetches(connection, parquetPaths, options.maxRows, options.observable)
    const ranges = findGroups(rows, options)
    if (ranges.length === 0)
      throw new DatasetError('no requester made two fetches from peers within the window: nothing to compare')
    const swarms = ranges.map(([from]) => ({ seed: rows.seeds[from], swarm: rows.swarms[from] }))
    const plan = planSplit(swarms, options.validationShare, options.testShare)
    const part = (wanted: SplitPart) =>
      pack(
        rows,
        ranges.filter(([from]) => plan.partOf(rows.seeds[from], rows.swarms[from]) === wanted),
        options,
      )
    const parts = { train: part('train'), validation: part('validation'), test: part('test') }
    const used = countItems(parts.train) + countItems(parts.validation) + countItems(parts.test)
    const { splitBy, units } = plan
    return { ...parts, summary: { rows: used, ...counts, splitBy, units } }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

type Range = readonly [from: number, end: number]

/** Runs of rows that belong to one group; rows that would be alone are left out. */
function findGroups(rows: FetchRows, { groupSize, windowMs }: DatasetOptions): Range[] {
  const ranges: Range[] = []
  let from = 0
  for (let row = 1; row <= rows.count; row++) {
    const goesOn =
      row < rows.count &&
      rows.lists[row] === rows.lists[from] &&
      row - from < groupSize &&
      rows.decidedMs[row] - rows.decidedMs[from] <= windowMs
    if (goesOn) continue
    if (row - from >= 2) ranges.push([from, row])
    from = row
  }
  return ranges
}

function pack(
  rows: FetchRows,
  ranges: readonly Range[],
  { groupSize, weightClip }: DatasetOptions,
): RankingGroups {
  const groups = emptyGroups(ranges.length, groupSize)
  ranges.forEach(([from, end], group) => {
    const at = group * groupSize
    groups.lengths[group] = end - from
    groups.features.set(rows.features.subarray(from * FEATURE_COUNT, end * FEATURE_COUNT), at * FEATURE_COUNT)
    groups.utility.set(rows.utility.subarray(from, end), at)
    for (let row = from; row < end; row++)
      groups.logWeight[at + row - from] = Math.log(
        rows.trust[row] * Math.min(1 / rows.propensity[row], weightClip),
      )
  })
  return groups
}
