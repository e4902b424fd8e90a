import { expect, it } from 'vitest'
import { renderReport } from './render.ts'
import { makeResult } from './result.testing.ts'

const textOf = (html: string): string =>
  html
    .replace(/^[\s\S]*id="published"/, '')
    .replace(/<\/section>[\s\S]*$/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

it('holds published figures against simulated ones where they were measured', () => {
  const result = makeResult({
    policies: { random: 1 },
    points: [{ 'swarm.peers': 100 }, { 'swarm.peers': 400 }],
    published: [
      { metric: 'completion_mean_s', value: 1e6, source: 'Someone 2012', point: { 'swarm.peers': 400 } },
      { metric: 'completion_p95_s', value: 60, source: 'Other 2014', point: {} },
      { metric: 'no_such_metric', value: 1, source: 'Nobody', point: {} },
    ],
  })
  const text = textOf(renderReport(result))
  expect(text).toContain('Published against simulated')
  expect(text.match(/Someone 2012/g)).toHaveLength(1)
  expect(text.match(/Other 2014/g)).toHaveLength(2)
  expect(text).not.toContain('Nobody')
  expect(text).toContain('swarm.peers = 400')
  const value = result.cells[1].values.find(({ metric }) => metric === 'completion_mean_s')!
  expect(value.ci95![1]).toBeLessThan(1e6)
  expect(text.match(/within the interval/g)).toHaveLength(1)
})

it('is left out where nothing is published', () => {
  expect(renderReport(makeResult())).not.toContain('id="published"')
})
