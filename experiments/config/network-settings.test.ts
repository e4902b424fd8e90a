import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SIM_DEFAULTS } from '../../sim/config.ts'
import { NAT_DEFAULTS } from '../../sim/nat.ts'
import { fingerprints } from '../data/fingerprints.ts'
import { toSimConfig } from '../sim-config.ts'
import { ConfigError } from './errors.ts'
import { atPoint, configHash, configYaml, loadConfig, parseYaml, resolveConfig } from './load.ts'

const MINIMAL = 'name: test\npolicies: [random]\n'
const resolve = (text: string) => resolveConfig(parseYaml(`${MINIMAL}${text}`, 'test.yaml'), 'test.yaml')

describe('network', () => {
  it('resolves to the simulator’s defaults', () => {
    expect(toSimConfig(resolve(''), '1').network).toEqual(SIM_DEFAULTS.network)
    expect(toSimConfig(resolve(''), '1').accessClasses).toEqual(SIM_DEFAULTS.accessClasses)
    expect(resolve('').dataFolder).toBeNull()
  })

  it('fills in NAT types, relay, providers and queue from a word', () => {
    const { network } = resolve(
      `network:
  reachability: { nat: {}, relay: { capacityBps: 80 Mbit/s }, connectSuccess: 0.35 }
  isps: [{ name: north, share: 0.4, capacityBps: 1 Gbit/s }]
  uplinkQueue: { kind: fifo, bufferMs: 2 s }`,
    )
    expect(network.reachability).toEqual({
      connectSuccess: 0.35,
      draw: 'pair',
      nat: NAT_DEFAULTS,
      relay: { region: 'eu-west', capacityBps: 10_000_000 },
    })
    expect(network.isps).toEqual([
      { name: 'north', region: null, share: 0.4, capacityBps: 125_000_000, insideRttShare: 1 },
    ])
    expect(network.uplinkQueue).toEqual({ kind: 'fifo', bufferMs: 2000 })
  })

  it.each([
    [
      'network: { reachability: { nat: { shares: { cone: 1 } } } }',
      'unknown key network.reachability.nat.shares.cone: 1 (allowed open, full-cone, restricted,',
    ],
    [
      'network: { reachability: { nat: { shares: {} } } }',
      'invalid network.reachability.nat.shares: [0,0,0,0,0] (allowed at least one above 0)',
    ],
    [
      'network: { reachability: { connectSuccess: 35 } }',
      'invalid network.reachability.connectSuccess: 35 (a',
    ],
    ['network: { reachability: { relay: {} } }', 'missing network.reachability.relay.capacityBps (bytes per'],
    [
      'accessClasses: [{ name: a, upBps: 1, downBps: 1, lastMileMs: 1, weight: 1, nat: { open: 1 } }]',
      '(allowed only where network.reachability.nat is set)',
    ],
    ['network: { isps: [{ name: a, share: 2 }] }', 'invalid network.isps.0.share: 2 (a number from 0 to 1'],
    [
      'network: { isps: [{ name: a, share: 0.6 }, { name: b, share: 0.6, region: latam }] }',
      'invalid network.isps shares in latam: 1.2 (allowed 1 at most)',
    ],
    [
      'network: { isps: [{ name: a, share: 0.1 }, { name: a, share: 0.1 }] }',
      'invalid network.isps: "a" (allowed',
    ],
    [
      'network: { isps: [{ name: a, share: 1, capacityBps: 9 }], transitBps: { latam: 9 } }',
      'invalid network.isps[0].capacityBps: 9 (allowed null where network.transitBps.latam is set',
    ],
    [
      'network: { uplinkQueue: { kind: lifo } }',
      'invalid network.uplinkQueue.kind: "lifo" (allowed none, fifo)',
    ],
    ['network: { rtt: { kind: matrix } }', 'missing network.rtt.file'],
  ])('%s', (text, message) => {
    expect(() => resolve(text)).toThrow(message)
    expect(() => resolve(text)).toThrow(ConfigError)
  })
})

describe('the page on the network', () => {
  const page = readFileSync(new URL('../../docs/network.md', import.meta.url), 'utf8')
  const blocks = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, block]) => block)

  it.each(blocks)('shows configs that are valid: %s', (block) => {
    if (!/\bfiles?:/.test(block)) expect(resolve(block)).toMatchObject({ name: 'test' })
    else expect(() => resolve(block)).toThrow(/test\.yaml: invalid data file .* cannot be read: ENOENT/)
  })
})

describe('data files', () => {
  let root: string

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'seedbed-config-'))
    mkdirSync(join(root, 'traces'))
    mkdirSync(join(root, 'empty'))
    writeFileSync(join(root, 'traces', 'b.log'), '0 1\n2 8')
    writeFileSync(join(root, 'traces', 'a.json'), '[{"duration_ms": 500, "bandwidth_kbps": 80}]')
    writeFileSync(join(root, 'bad.log'), '0 1\n0 8')
    writeFileSync(join(root, 'matrix.txt'), '0 0.02\n0.03 0')
  })

  afterAll(() => rmSync(root, { recursive: true }))

  const load = (text: string) => {
    const path = join(root, 'config.yaml')
    writeFileSync(path, `${MINIMAL}${text}`)
    return loadConfig(path)
  }
  const withTrace = (trace: string) =>
    `accessClasses: [{ name: lte, upBps: 1, downBps: 1, lastMileMs: 1, weight: 1, trace: ${trace} }]`

  it('are read from where the config lies; a folder stands for its files', async () => {
    const config = await load(withTrace('{ files: traces, throughput: MB/s }'))
    expect(config.dataFolder).toBe(root)
    expect(toSimConfig(config, '1').accessClasses[0].traces).toEqual({
      traces: [
        { durationsMs: [500], bps: [10_000] },
        { durationsMs: [2000], bps: [8e6] },
      ],
      links: 'down',
      rates: 'trace',
    })
    const elsewhere = resolveConfig(parseYaml(configYaml(config), 'x'), 'x', [], '/nowhere')
    expect(elsewhere).toEqual(config)
  })

  it('start from dataFolder where the config names one; the hash does not know it', async () => {
    const inside = await load(`dataFolder: traces\n${withTrace('{ files: [b.log] }')}`)
    expect(inside.dataFolder).toBe(join(root, 'traces'))
    expect(configHash({ ...inside, dataFolder: '/other' })).toBe(configHash(inside))
  })

  it('hold a latency matrix', async () => {
    const config = await load('network: { rtt: { kind: matrix, file: matrix.txt, unit: s } }')
    expect(toSimConfig(config, '1').network.rtt).toEqual({
      kind: 'matrix',
      ms: [
        [25, 25],
        [25, 25],
      ],
      nodes: 'random',
      addsLastMile: false,
    })
  })

  it('are known by what they hold', async () => {
    const config = await load(withTrace('{ files: traces }'))
    const before = fingerprints([config, config])
    expect(Object.keys(before)).toEqual(['traces/a.json', 'traces/b.log'])
    writeFileSync(join(root, 'traces', 'b.log'), '0 1\n2 9')
    const after = fingerprints([config])
    writeFileSync(join(root, 'traces', 'b.log'), '0 1\n2 8')
    expect(after['traces/a.json']).toBe(before['traces/a.json'])
    expect(after['traces/b.log']).not.toBe(before['traces/b.log'])
    expect(fingerprints([resolve('')])).toEqual({})
  })

  it('may be varied by the matrix of a sweep', async () => {
    const config = await load(
      `${withTrace('{ files: [traces/a.json] }')}\nmatrix: { accessClasses.0.trace.files: [[traces/b.log]] }`,
    )
    const at = atPoint(config, { 'accessClasses.0.trace.files': ['traces/b.log'] })
    expect(toSimConfig(at, '1').accessClasses[0].traces?.traces).toEqual([
      { durationsMs: [2000], bps: [1e6] },
    ])
  })

  it.each([
    ['{ files: none.log }', /invalid data file .*none\.log: cannot be read: ENOENT/],
    [
      '{ files: bad.log }',
      /invalid data file .*bad\.log: line 2: "0 8" \(a time after that of the line before/,
    ],
    ['{ files: empty }', /invalid data file empty: a folder without files/],
    ['{ files: [] }', /invalid accessClasses\.0\.trace\.files: \[\]/],
    [
      '{ files: traces, throughput: Gbit/s }',
      /invalid accessClasses\.0\.trace\.throughput: "Gbit\/s" \(allowed kbit/,
    ],
  ])('are refused with their place: %s', async (trace, message) => {
    await expect(load(withTrace(trace))).rejects.toThrow(message)
    await expect(load(withTrace(trace))).rejects.toThrow(ConfigError)
  })
})
