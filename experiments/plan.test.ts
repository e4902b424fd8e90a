import { describe, expect, it } from 'vitest'
import { resolveConfig } from './config/load.ts'
import { collectionPlan, evaluationPlan } from './plan.ts'

const config = resolveConfig(
  {
    name: 'test',
    seed: 7,
    replications: 2,
    policies: ['random', { policy: 'model', label: 'learned' }],
    matrix: { 'swarm.peers': [10, 20], 'network.lossRate': [0, 0.01] },
    train: { collect: { policies: ['random'], replications: 3 } },
  },
  'test',
)

describe('evaluationPlan', () => {
  const { cells, runs } = evaluationPlan(config)

  it('crosses policies, matrix and replications', () => {
    expect(cells.map(({ id }) => id)).toEqual([
      'random@swarm.peers=10,network.lossRate=0',
      'learned@swarm.peers=10,network.lossRate=0',
      'random@swarm.peers=10,network.lossRate=0.01',
      'learned@swarm.peers=10,network.lossRate=0.01',
      'random@swarm.peers=20,network.lossRate=0',
      'learned@swarm.peers=20,network.lossRate=0',
      'random@swarm.peers=20,network.lossRate=0.01',
      'learned@swarm.peers=20,network.lossRate=0.01',
    ])
    expect(runs).toHaveLength(16)
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(16)
    expect(runs.map(({ number }) => number)).toEqual([...runs.keys()])
  })

  it('gives each cell the config at its point', () => {
    expect(cells[6].config.swarm.peers).toBe(20)
    expect(cells[6].config.network.lossRate).toBe(0.01)
  })

  it('seeds by point and replication, never by policy', () => {
    const seedsOf = (id: string): string[] =>
      runs.filter(({ cell }) => cell.id === id).map(({ seed }) => seed)
    expect(seedsOf(cells[0].id)).toEqual(seedsOf(cells[1].id))
    expect(new Set(cells.flatMap(({ id }) => seedsOf(id))).size).toBe(8)
  })

  it('keeps a run where policies or replications are added', () => {
    const more = {
      ...config,
      replications: 5,
      policies: [...config.policies, { ...config.policies[0], label: 'new' }],
    }
    const seeds = new Map(evaluationPlan(more).runs.map(({ runId, seed }) => [runId, seed]))
    for (const { runId, seed } of runs) expect(seeds.get(runId)).toBe(seed)
  })
})

describe('collectionPlan', () => {
  it('shares no seed with the evaluation', () => {
    const collected = collectionPlan(config)!.runs
    expect(collected.map(({ runId }) => runId)).toEqual([
      'collect:random/0',
      'collect:random/1',
      'collect:random/2',
    ])
    const evaluated = new Set(evaluationPlan(config).runs.map(({ seed }) => seed))
    for (const { seed } of collected) expect(evaluated).not.toContain(seed)
  })

  it('is not there where nothing is trained', () => {
    expect(collectionPlan({ ...config, train: null })).toBeUndefined()
  })
})
