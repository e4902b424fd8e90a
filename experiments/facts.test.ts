import { expect, it } from 'vitest'
import { resolveConfig } from './config/load.ts'
import { factsOf } from './facts.ts'

const facts = (config: object): Record<string, string> =>
  Object.fromEntries(
    factsOf(resolveConfig({ name: 'test', policies: ['random'], ...config }, 'test')).map(
      ({ label, value }) => [label, value],
    ),
  )

it('says what was run in words', () => {
  expect(facts({})).toEqual({
    Peers: '100, with 4 initial seeds',
    Content: '50 MB in 50 chunks of 1 MB',
    Origin: '100 Mbit/s up, in eu-west',
    Access: 'slow 0.25, typical 0.45, fast 0.2, lte 0.08, 3g 0.02',
    Arrivals: 'flash crowd, all within 60 s',
    Sessions: 'unlimited; peers that are done stay to the end',
  })
})

it('tells of churn, faults, sweeps and training', () => {
  expect(
    facts({
      swarm: { peers: 10, initialSeeds: 1, initialSeedClass: 'fast', origin: null },
      workload: { kind: 'download', contents: 3, contentBytes: '1.5 GB', chunkBytes: '512 kB' },
      arrivals: { kind: 'poisson', meanGapS: 4 },
      sessions: { kind: 'weibull', shape: 0.59, scaleS: 2514, lingerS: '1 min' },
      faults: [{ kind: 'slow', share: 0.1, target: 'all', divideBy: 4 }],
      network: { lossRate: 0.001 },
      matrix: { 'swarm.peers': [10, 20] },
      train: { name: 'mine', collect: { policies: ['random'], replications: 3 } },
    }),
  ).toMatchObject({
    Peers: '10, with 1 initial seed (fast)',
    Content: '3 of 1.5 GB in 2930 chunks of 512 kB',
    Origin: 'none',
    Arrivals: 'one every 4 s on average (Poisson)',
    Sessions: 'Weibull, shape 0.59, scale 2514 s; peers that are done stay 60 s on average',
    Faults: '10 % of all: slow',
    'Packet loss': '0.1 %',
    Varied: 'swarm.peers: 10, 20',
    Model: 'mine, trained on 3 simulations each of random',
  })
})
