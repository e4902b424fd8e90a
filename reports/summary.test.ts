import { describe, expect, it } from 'vitest'
import type { CellPlan, RunMeasure } from './measures.ts'
import { catalogueOf } from './metrics-catalog.ts'
import { cellSchema } from './schema.ts'
import { summarise } from './summary.ts'

const { distributions, metrics: all } = catalogueOf('download')
const metrics = all.filter(({ name }) => name === 'completion_mean_s' || name === 'upload_jain')

function plan(policy: string, peers: number): CellPlan {
  return { cell: `${policy}-${peers}`, policy, policySpec: { kind: policy }, point: { 'swarm.peers': peers } }
}

function run(cell: CellPlan, replication: number, seconds: number | null): RunMeasure {
  const completionMs = seconds === null ? [] : [seconds * 1000]
  return {
    cell: cell.cell,
    replication,
    metrics: { completion_mean_s: seconds, upload_jain: 16 / 18 },
    samples: {
      chunk_fetch_ms: { count: 2, points: [100 * replication, 200] },
      completion_ms: { count: completionMs.length, points: completionMs },
    },
    uploadBytes: [1, 1, 2],
    sourceBytes: { seeds: 10 + replication, peers: 20, origin: 0 },
    results: replication === 0 ? { ok: 3 } : { ok: 4, busy: 1 },
  }
}

const random = plan('random', 10)
const nearest = plan('nearest', 10)
const oracle = plan('oracle', 10)
const lonely = plan('nearest', 20)

describe('summarise', () => {
  const cells = summarise({
    metrics,
    distributions,
    cells: [random, nearest, oracle, lonely],
    baseline: 'random',
    oracleLabel: 'oracle',
    runs: [
      run(nearest, 1, 18),
      run(random, 0, 10),
      run(random, 1, 20),
      run(nearest, 0, 8.5),
      run(oracle, 0, 6),
      run(oracle, 1, 15.5),
      run(lonely, 0, null),
    ],
  })

  it('gives cells that fit the schema, in the order of the plan', () => {
    expect(cells.map((cell) => cellSchema.parse(cell).cell)).toEqual([
      'random-10',
      'nearest-10',
      'oracle-10',
      'nearest-20',
    ])
  })

  it('pairs by replication, whatever the order of the runs', () => {
    const value = cells[1].values[0]
    expect(value.perReplication).toEqual([8.5, 18])
    expect(value.mean).toBe(13.25)
    expect(value.vsBaseline).toMatchObject({ baseline: 'random', meanDifference: -1.75, significant: false })
    expect(value.shareOfOracleGain!.mean).toBeCloseTo(3.5 / 8.5, 12)
  })

  it('compares neither the baseline with itself nor cells of different points', () => {
    expect(cells[0].values[0].vsBaseline).toBeNull()
    expect(cells[2].values[0].shareOfOracleGain).toBeNull()
    expect(cells[3].values[0]).toMatchObject({ mean: null, n: 0, vsBaseline: null, shareOfOracleGain: null })
    expect(cells[3].distributions.completion_ms).toEqual([])
  })

  it('averages the curves of the bytes sent', () => {
    expect(cells[1].uploadLorenz[20]).toBe(1)
    expect(cells[1].uploadLorenz).toHaveLength(21)
  })

  it('pools distributions, averages bytes and sums results', () => {
    expect(cells[0].distributions.chunk_fetch_ms[0]).toBe(0)
    expect(cells[0].distributions.chunk_fetch_ms[50]).toBe(150)
    expect(cells[0].sourceBytes).toEqual({ seeds: 10.5, peers: 20, origin: 0 })
    expect(cells[0].results).toEqual({ busy: 1, ok: 7 })
  })
})
