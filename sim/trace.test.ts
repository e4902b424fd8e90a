import { describe, expect, it } from 'vitest'
import type { Fault } from './faults.ts'
import type { TraceEvent } from './trace.ts'
import { runWorld, smallConfig, traceWorld } from './world.testing.ts'

const faults: Fault[] = [
  { kind: 'crash', share: 0.2, target: 'peers', meanAfterS: 10 },
  { kind: 'corrupt', share: 0.2, target: 'all', chunkShare: 0.5 },
  { kind: 'free-rider', share: 0.2, target: 'peers' },
  { kind: 'stall', share: 0.3, target: 'all', meanEveryS: 5, meanForS: 10 },
]

const config = smallConfig({
  faults,
  network: { ...smallConfig().network, lossRate: 0.01, jitterShare: 0.1 },
  checks: { level: 'cheap', everyS: 5, onViolation: 'throw' },
})

describe('a traced simulation', () => {
  const { events, run } = traceWorld(config)
  const of = (kind: TraceEvent['kind']) => events.filter((event) => event.kind === kind)

  it('has the outcome that it has without a trace', () => {
    const plain = runWorld(config)
    expect(run.rowsHash).toBe(plain.rowsHash)
    expect(run.result.simulatedMs).toBe(plain.result.simulatedMs)
    expect(run.result.peers).toEqual(plain.result.peers)
  })

  it('tells the same twice', () => {
    expect(traceWorld(config).events).toEqual(events)
  })

  it('goes forward in time', () => {
    for (let i = 1; i < events.length; i++)
      expect(events[i].timeMs).toBeGreaterThanOrEqual(events[i - 1].timeMs)
  })

  it('tells who comes and goes', () => {
    const peers = of('arrive').filter(({ node }) => node.startsWith('peer-'))
    expect(peers.map(({ timeMs }) => timeMs)).toEqual(run.result.peers.map(({ arrivedMs }) => arrivedMs))
    const left = of('leave').map(({ node }) => node)
    const gone = run.result.peers.filter(({ leftMs }) => !Number.isNaN(leftMs)).map(({ label }) => label)
    expect(left.filter((node) => node.startsWith('peer-')).sort()).toEqual(gone.sort())
  })

  it('tells of every message, news of chunks included', () => {
    expect(of('send')).toHaveLength(run.result.controlMessages)
    expect(of('hear').filter(({ details }) => details['type'] === 'have').length).toBeGreaterThan(100)
    expect(of('hear').length).toBeLessThanOrEqual(of('send').length)
  })

  it('tells how every fetch ended, and of the decisions before', () => {
    const count = (result: string) =>
      of('fetch-end').filter(({ details }) => details['result'] === result).length
    for (const [result, counted] of Object.entries(run.result.results)) expect(count(result)).toBe(counted)
    const rows = run.rows.filter(({ place }) => place === 'tracker').length
    expect(of('decide').filter(({ node }) => node === 'tracker')).toHaveLength(rows)
  })

  it('tells how every chunk transfer began and ended', () => {
    const started = of('chunk-start').length
    const ended = of('chunk-sent').length + of('chunk-abort').length
    expect(started).toBeGreaterThan(160)
    expect(ended).toBeLessThanOrEqual(started)
    expect(ended).toBeGreaterThan(started - 20)
    expect(of('chunk-arrives').length).toBeLessThanOrEqual(of('chunk-sent').length)
  })

  it('tells when faults begin and end, and which timers fire', () => {
    const begun = of('fault-begins').map(({ details }) => details['fault'])
    expect(new Set(begun)).toEqual(new Set(['corrupt', 'free-rider', 'stall']))
    expect(of('fault-ends').every(({ details }) => details['fault'] === 'stall')).toBe(true)
    expect(of('timer').length).toBeGreaterThan(20)
    expect(of('timer').every(({ details }) => typeof details['calls'] === 'string')).toBe(true)
  })
})
