import { expect, it } from 'vitest'
import { makeResult } from '../reports/result.testing.ts'
import { policyTable } from './policy-table.ts'

const result = makeResult({ policies: { random: 1, nearest: 0.9, oracle: 1.4 }, replications: 6 })

it('has a row a policy, with intervals, against the baseline and the oracle', () => {
  const [heading, , ...rows] = policyTable(result).split('\n')
  expect(heading).toMatch(
    /^policy +completion mean s +completion p95 s +goodput mean B\/s +chunk fetch mean ms +against random +of oracle gain$/,
  )
  expect(rows.map((row) => row.split(' ')[0])).toEqual(['random', 'nearest', 'oracle'])
  expect(rows[0]).toMatch(/^random +[\d.]+ ± [\d.]+ .* – +–$/)
  expect(rows[2]).toMatch(/ -\d+\.\d %( \?)? +–$/)
})

it('has a table a matrix point', () => {
  const swept = makeResult({
    policies: { random: 1 },
    points: [{ 'swarm.peers': 10 }, { 'swarm.peers': 20 }],
  })
  expect(policyTable(swept)).toMatch(/^swarm.peers = 10\npolicy[^]*\n\nswarm.peers = 20\npolicy/)
})

it('leaves out comparisons where nothing is compared', () => {
  const alone = makeResult({ policies: { random: 1 }, baseline: null, oracle: null, replications: 1 })
  const table = policyTable(alone)
  expect(table).not.toMatch(/against|oracle|±/)
})
