import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type CapacityTrace, summarizeTrace } from '../../sim/capacity-trace.ts'
import { DataFileError } from './errors.ts'
import { SharedData } from './shared-data.testing.ts'
import { type ThroughputUnit, parseTrace } from './trace-text.ts'

const MBIT = 125_000

describe('parseTrace', () => {
  it('reads Sabre’s JSON and leaves its latency aside', () => {
    const text =
      '[{"duration_ms": 2000, "bandwidth_kbps": 800, "latency_ms": 20}, {"duration_ms": 500, "bandwidth_kbps": 0}]'
    expect(parseTrace(text, 'a.json', 'Mbit/s')).toEqual({ durationsMs: [2000, 500], bps: [100_000, 0] })
  })

  it('reads lines of time and throughput, each up to its own time', () => {
    const trace = parseTrace('180.0\t9\n181.5\t2\n\n184 0.5\n', 'a.log', 'Mbit/s')
    expect(trace).toEqual({ durationsMs: [1500, 2500], bps: [2 * MBIT, 0.5 * MBIT] })
    expect(parseTrace('0 1\n1 2', 'a.log', 'MB/s').bps).toEqual([2e6])
    expect(parseTrace('0 1\n1 2', 'a.log', 'kbit/s').bps).toEqual([250])
  })

  it.each([
    [
      '[{"duration_ms": 0, "bandwidth_kbps": 1}]',
      'entry 0: {"duration_ms":0,"bandwidth_kbps":1} (duration_ms of more',
    ],
    [
      '[{"duration_ms": 1}]',
      'entry 0: {"duration_ms":1} (duration_ms of more than 0 and bandwidth_kbps of 0 or more',
    ],
    ['[{"duration_ms": 1', 'not JSON: '],
    ['[]', '0 durations and 0 capacities (as many of both, one at least expected)'],
    ['[{"duration_ms": 1, "bandwidth_kbps": 0}]', 'no capacity at any time (more than 0 somewhere expected)'],
    ['0 1\n1 2 3', 'line 2: "1 2 3" (two numbers expected: time in seconds, throughput in Mbit/s)'],
    ['0 1\n1 fast', 'line 2: "1 fast" (two numbers expected'],
    ['0 1\n\n0 2', 'line 3: "0 2" (a time after that of the line before, 0, expected)'],
    ['0 1\n1 -2', 'line 2: "1 -2" (a throughput of 0 or more expected)'],
    ['0 1', 'fewer than two lines'],
    ['', 'fewer than two lines'],
    ['0 1\n1 0', 'no capacity at any time'],
  ])('refuses %j', (text, problem) => {
    const parse = () => parseTrace(text, 'bad.log', 'Mbit/s')
    expect(parse).toThrow(DataFileError)
    expect(parse).toThrow(`invalid data file bad.log: ${problem}`)
  })
})

describe('public traces', () => {
  const sabre = new SharedData('sabre-traces')
  const texts = new SharedData('bandwidth-traces')
  afterAll(() => {
    sabre.remove()
    texts.remove()
  })

  const readAll = (folder: string, unit: ThroughputUnit = 'Mbit/s'): CapacityTrace[] =>
    readdirSync(folder).map((name) => parseTrace(readFileSync(join(folder, name), 'utf8'), name, unit))

  it('has the published means and variation of 3G and LTE', (context) => {
    const folder = sabre.folder(context)
    for (const [name, count, mbit, variation] of [
      ['3Glogs', 86, 0.99, 0.68],
      ['4Glogs', 40, 31.9, 0.43],
    ] as const) {
      const traces = readAll(join(folder, 'sabre_traces', name))
      expect(traces.length).toBe(count)
      const summaries = traces.map(summarizeTrace)
      const totalMs = sum(summaries.map(({ durationMs }) => durationMs))
      const meanBps = sum(summaries.map(({ durationMs, meanBps: bps }) => (durationMs * bps) / totalMs))
      expect(Math.abs(meanBps / MBIT / mbit - 1)).toBeLessThan(0.06)
      const variations = traces.map(variationOf).sort((a, b) => a - b)
      expect(variations[traces.length >> 1]).toBeCloseTo(variation, 1)
    }
  })

  it('reads every text of FCC, Oboe and Puffer', (context) => {
    const root = join(texts.folder(context), 'rwbt_sub')
    for (const [name, unit] of [
      ['traces_oboe', 'Mbit/s'],
      ['fcc_ori/cooked_traces', 'Mbit/s'],
      ['fcc_ori/test_traces', 'Mbit/s'],
      ['puffer_220218', 'MB/s'],
    ] as const) {
      const traces = readAll(join(root, name), unit)
      expect(traces.length).toBeGreaterThan(50)
      for (const trace of traces) expect(summarizeTrace(trace).meanBps).toBeGreaterThan(0)
    }
  })
})

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Coefficient of variation over time. */
function variationOf(trace: CapacityTrace): number {
  const { durationMs, meanBps } = summarizeTrace(trace)
  const squares = trace.bps.reduce((sum, bps, i) => sum + trace.durationsMs[i] * (bps - meanBps) ** 2, 0)
  return Math.sqrt(squares / durationMs) / meanBps
}
