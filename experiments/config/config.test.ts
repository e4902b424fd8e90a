import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toSimConfig } from '../sim-config.ts'
import { ConfigError } from './errors.ts'
import { atPoint, configHash, configYaml, parseOverride, parseYaml, resolveConfig } from './load.ts'
import { configJsonSchema } from './schema.ts'

const configs = new URL('../configs/', import.meta.url)
const resolve = (text: string, ...overrides: string[]) =>
  resolveConfig(parseYaml(text, 'test.yaml'), 'test.yaml', overrides.map(parseOverride))

const MINIMAL = 'name: test\npolicies: [random]\n'

describe('ready-made configs', () => {
  const names = readdirSync(configs).filter((name) => name.endsWith('.yaml'))

  it.each(names)('%s resolves to a config that resolves to itself', (name) => {
    const resolved = resolve(readFileSync(new URL(name, configs), 'utf8'))
    const again = resolve(configYaml(resolved))
    expect(again).toEqual(resolved)
    expect(configHash(again)).toBe(configHash(resolved))
    expect(configYaml(again)).toBe(configYaml(resolved))
  })
})

describe('resolveConfig', () => {
  it('fills in everything from a name and a policy', () => {
    const config = resolve(MINIMAL)
    expect(config.swarm.peers).toBe(100)
    expect(config.peer.maxFetches).toBe(6)
    expect(config.policies).toEqual([
      { label: 'random', policy: 'random', explore: null, model: null, tracker: null },
    ])
    expect(config.swarm.origin?.settings.uploadSlots).toBe(32)
  })

  it('normalises sizes, rates and durations', () => {
    const config = resolve(
      `${MINIMAL}durationLimitS: 2 h
workload: { kind: download, contentBytes: 64 MB, chunkBytes: 1 MiB }
accessClasses: [{ name: dsl, upBps: 2.4 Mbit/s, downBps: 1 MB/s, lastMileMs: 12 ms, weight: 1 }]
peer: { minFetchTimeoutMs: 3 s }`,
    )
    expect(config.durationLimitS).toBe(7200)
    expect(config.workload).toMatchObject({
      kind: 'download',
      contentBytes: 64_000_000,
      chunkBytes: 1_048_576,
    })
    expect(config.accessClasses[0]).toMatchObject({ upBps: 300_000, downBps: 1_000_000, lastMileMs: 12 })
    expect(config.peer.minFetchTimeoutMs).toBe(3000)
  })

  it('finds a chunk size that suits the content', () => {
    const chunkBytes = (contentBytes: string) =>
      toSimConfig(
        resolve(`${MINIMAL}workload: { kind: download, contentBytes: ${contentBytes}, chunkBytes: auto }`),
        'seed',
      ).workload.chunkBytes
    expect(chunkBytes('1 MB')).toBe(64 * 1024)
    expect(chunkBytes('1 GiB')).toBe(1024 * 1024)
    expect(chunkBytes('100 GB')).toBe(4 * 1024 * 1024)
  })

  it('keeps the other defaults of an origin of which one setting is given', () => {
    const { origin } = resolve(`${MINIMAL}swarm: { origin: { settings: { uploadSlots: 4 } } }`).swarm
    expect(origin).toMatchObject({ region: 'eu-west', settings: { uploadSlots: 4, maxNeighbours: 1000 } })
    expect(resolve(`${MINIMAL}swarm: { origin: null }`).swarm.origin).toBeNull()
  })

  it('names policies by what tells them apart', () => {
    const { policies } = resolve(
      `name: test
policies:
  - fastest
  - { policy: fastest, explore: { kind: epsilon, epsilon: 0.1 } }
  - { policy: random, tracker: nearest }
  - { policy: model, model: models/a, label: mine }`,
    )
    expect(policies.map(({ label }) => label)).toEqual([
      'fastest',
      'fastest+epsilon',
      'random/nearest',
      'mine',
    ])
  })

  it('takes overrides with YAML values', () => {
    const config = resolve(
      MINIMAL,
      'swarm.peers=7',
      'policies=[random, { policy: fastest }]',
      'policies.1.label=quick',
    )
    expect(config.swarm.peers).toBe(7)
    expect(config.policies.map(({ label }) => label)).toEqual(['random', 'quick'])
  })

  it('applies a point of the matrix', () => {
    const config = resolve(`${MINIMAL}matrix: { swarm.peers: [10, 20], network.lossRate: [0, 0.01] }`)
    expect(atPoint(config, { 'swarm.peers': 20, 'network.lossRate': 0.01 })).toMatchObject({
      swarm: { peers: 20 },
      network: { lossRate: 0.01 },
    })
  })

  it('hashes by content', () => {
    expect(configHash(resolve(MINIMAL))).toBe(configHash(resolve(`${MINIMAL}seed: 1`)))
    expect(configHash(resolve(MINIMAL))).not.toBe(configHash(resolve(`${MINIMAL}seed: 2`)))
  })

  it('publishes a JSON Schema', () => {
    expect(configJsonSchema()).toMatchObject({
      type: 'object',
      required: ['name', 'policies'],
      properties: {
        workload: {
          oneOf: expect.arrayContaining([
            expect.objectContaining({
              properties: expect.objectContaining({ chunkBytes: expect.anything() as unknown }) as object,
            }),
          ]) as object[],
        },
        policies: {
          items: {
            anyOf: [
              { type: 'string', enum: expect.arrayContaining(['random', 'oracle']) as string[] },
              { type: 'object', required: ['policy'] },
            ],
          },
        },
      },
    })
  })
})

describe('errors', () => {
  it.each([
    [
      'swarm: { peeers: 10 }',
      'unknown key swarm.peeers: 10 (did you mean peers? allowed peers, trackers, initialSeeds,',
    ],
    ['swarn: {}', 'unknown key swarn: {} (did you mean swarm? allowed name, description,'],
    ['swarm: { peers: many }', 'invalid swarm.peers: "many" (a whole number from 1 to 1000000 expected)'],
    ['swarm: { peers: 0 }', 'invalid swarm.peers: 0 (a whole number from 1 to 1000000 expected)'],
    ['swarm: 3', 'invalid swarm: 3 (a section of keys expected)'],
    [
      'published: [{ metric: server_share, value: 0.1, source: paper }]',
      'invalid published.0.metric: "server_share" (allowed for download: completion_mean_s,',
    ],
    [
      'published: [{ metric: completion_mean_s, value: 9, source: paper, point: { swarm.peers: 7 } }]',
      'invalid published.0.point: swarm.peers 7 (a path and a value of the matrix expected)',
    ],
    ['workload: { kind: music, attendance: { hours: [1, 2] } }', 'invalid workload.attendance.hours'],
    ['workload: { kind: video }', 'invalid workload.kind: "video" (allowed download'],
    [
      'workload: { kind: download, chunkBytes: 1 megabyte }',
      'invalid workload.chunkBytes: "1 megabyte" (bytes from 1 to 16777216, or a text such as "64 MB", expected; units B, kB,',
    ],
    ['network: { lossRate: 1 }', 'invalid network.lossRate: 1 (a number from 0 to 0.49 expected)'],
    [
      'network: { rtt: { kind: space } }',
      'invalid network.rtt.kind: "space" (allowed regions, constant, matrix)',
    ],
    ['arrivals: { kind: poisson }', 'missing arrivals.meanGapS (seconds of 0 or more,'],
    ['regions: { mars: 1 }', 'unknown key regions.mars: 1 (allowed africa, east-asia,'],
    ['regions: { africa: 0 }', 'invalid regions weights: [0] (allowed at least one above 0)'],
    [
      'swarm: { initialSeeds: 0, origin: null }',
      'invalid swarm.initialSeeds: 0 (allowed 1 or more where swarm.origin',
    ],
    ['swarm: { initialSeedClass: gold }', 'invalid swarm.initialSeedClass: "gold" (allowed null, slow,'],
    [
      'faults: [{ kind: crash, share: 2, meanAfterS: 1 }]',
      'invalid faults.0.share: 2 (a number from 0 to 1 expected)',
    ],
    ['durationLimitS: 5 parsecs', 'invalid durationLimitS: "5 parsecs" (seconds of 0.001 or more,'],
    ['seed: -1', 'invalid seed: -1 (a whole number from 0 or a text of 1 to 100 characters expected)'],
    ['baseline: fastest', 'invalid baseline: "fastest" (allowed null, random)'],
    ['policies: [best]', 'invalid policies.0.policy: "best" (allowed random, round-robin,'],
    ['policies: []', 'invalid policies: [] (entries: 1 or more expected)'],
    ['policies: [random, random]', 'label "random" appears twice'],
    [
      'policies: [model]',
      'invalid policies.0: policy "model" needs a model (add model: PATH to it, or a train section',
    ],
    [
      'policies: [{ policy: random, exlore: null }]',
      'unknown key policies.0.exlore: null (did you mean explore?',
    ],
    [
      'train: { collect: { policies: [model] } }',
      'invalid train.collect.policies.0: policy "model" needs a model (add model: PATH to it)',
    ],
    ['matrix: { seed: [1, 2] }', 'invalid matrix path: seed (seed cannot be varied)'],
    ['matrix: { swarm.peers: [10, none] }', 'at swarm.peers=none: invalid swarm.peers: "none"'],
    ['matrix: { swarm.pears: [10] }', 'at swarm.pears=10: unknown key swarm.pears: 10 (did you mean peers?'],
  ])('%s', (text, message) => {
    const raw = { name: 'test', policies: ['random'], ...(parseYaml(text, 'test.yaml') as object) }
    expect(() => resolveConfig(raw, 'test.yaml')).toThrow(message)
    expect(() => resolveConfig(raw, 'test.yaml')).toThrow(ConfigError)
  })

  it('lists every problem', () => {
    expect(() => resolve('name: ""\nswarm: { peers: 0, seeds: 1 }')).toThrow(
      /test.yaml:\n {2}invalid name.*\n {2}missing policies.*\n {2}invalid swarm.peers.*\n {2}unknown key swarm.seeds/,
    )
  })

  it('quotes bad YAML with its place', () => {
    expect(() => resolve('name: [')).toThrow(/test.yaml: .* at line 1, column/)
    expect(() => resolve('name: a\nname: b')).toThrow('Map keys must be unique')
  })

  it.each([
    ['peers', 'invalid override: "peers" (path=value'],
    ['swarm..peers=1', 'invalid path: "swarm..peers"'],
    ['policies.5.label=x', 'policies is a list: a number from 0 to 1 must follow'],
    ['policies.0.label=x', 'invalid path: "policies.0.label" (policies.0 is "random", which has no keys)'],
    ['swarm.peers=none', 'invalid swarm.peers: "none"'],
  ])('--set %s', (override, message) => {
    expect(() => resolve(MINIMAL, override)).toThrow(message)
  })
})
