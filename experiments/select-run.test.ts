import { describe, expect, it } from 'vitest'
import { resolveConfig } from './config/load.ts'
import { UsageError } from './errors.ts'
import { selectRun } from './select-run.ts'

const config = resolveConfig(
  {
    name: 'test',
    seed: 7,
    replications: 3,
    policies: ['random', 'fastest'],
    matrix: { 'swarm.peers': [10, 20] },
    train: { collect: { policies: ['nearest'], replications: 2 } },
  },
  'test',
)
const single = resolveConfig({ name: 'test', policies: ['random'] }, 'test')

describe('selectRun', () => {
  it.each([
    [{ cell: 'random@swarm.peers=20' }, 'random@swarm.peers=20/0', '7/evaluate/swarm.peers=20/0'],
    [
      { cell: 'fastest@swarm.peers=10', replication: 2 },
      'fastest@swarm.peers=10/2',
      '7/evaluate/swarm.peers=10/2',
    ],
    [{ cell: 'collect:nearest', replication: 1 }, 'collect:nearest/1', '7/collect/1'],
    [{ cell: 'collect:nearest', seed: '7/collect/1' }, 'collect:nearest/1', '7/collect/1'],
  ])('%j is %s', (choice, runId, seed) => {
    expect(selectRun(config, choice)).toMatchObject({ runId, seed })
  })

  it('needs no cell where there is but one', () => {
    expect(selectRun(single, {}).runId).toBe('random/0')
  })

  it.each([
    [{}, 'missing --cell (one of random@swarm.peers=10, fastest@swarm.peers=10, random@swarm.peers=20,'],
    [
      { cell: 'random@swarm.peers=2' },
      'invalid --cell: "random@swarm.peers=2" (did you mean random@swarm.peers=20?',
    ],
    [{ cell: 'collect:nearest', replication: 2 }, 'invalid --replication: 2 (a whole number from 0 to 1)'],
    [{ cell: 'collect:nearest', seed: '1' }, 'invalid --seed: "1" (allowed "7/collect/0", "7/collect/1")'],
    [{ cell: 'collect:nearest', seed: '7/collect/1', replication: 0 }, 'invalid --seed: "7/collect/1"'],
  ])('%j is refused', (choice, message) => {
    expect(() => selectRun(config, choice)).toThrow(message)
    expect(() => selectRun(config, choice)).toThrow(UsageError)
  })
})
