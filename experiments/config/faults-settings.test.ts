import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FAULT_KINDS } from '../../sim/faults.ts'
import { faultsText } from '../fault-facts.ts'
import { toSimConfig } from '../sim-config.ts'
import { parseYaml, resolveConfig } from './load.ts'

const resolve = (faults: unknown) => resolveConfig({ name: 'test', policies: ['random'], faults }, 'test')

describe('faults in a config', () => {
  const page = readFileSync(new URL('../../docs/faults.md', import.meta.url), 'utf8')

  it('are taken as the page shows them, filled in, and resolve to themselves', () => {
    const [, block] = /```yaml\n(.*?)```/s.exec(page)!
    const { faults } = resolve((parseYaml(block, 'page') as { faults: unknown }).faults)
    expect(faults).toMatchObject([
      { kind: 'tracker-outage', share: 1, when: { atS: 60, forS: 30 }, memory: 'lost', refuses: true },
      { kind: 'restart', share: 0.3, when: { meanEveryS: 120, meanForS: 20 }, keepsCache: true },
      { kind: 'partition', between: 'region:eu-west', and: 'rest', share: 1, oneWay: false },
      { kind: 'slow-loris', target: 'all', trickleBps: 0 },
    ])
    expect(resolve(faults).faults).toEqual(faults)
    expect(toSimConfig(resolve(faults), 'seed').faults).toEqual(faults)
  })

  it('are all on the page', () => {
    for (const kind of FAULT_KINDS) expect(page).toContain(`| \`${kind}\``)
  })

  it.each([
    [{ kind: 'tracker-outage', when: { atS: 3 } }, '{ atS, forS } for once, or { meanEveryS, meanForS }'],
    [{ kind: 'restart', share: 0.5 }, 'when'],
    [
      { kind: 'pause', share: 0.5, target: 'region:atlantis', when: { atS: 1, forS: 1 } },
      'region:X with X one of',
    ],
    [{ kind: 'corrupt', share: 0.5, target: 'trackers', chunkShare: 1 }, 'allowed all, peers, seeds'],
    [{ kind: 'partition', between: 'rest', when: { atS: 1, forS: 1 } }, 'between'],
    [{ kind: 'meteor' }, 'kind'],
  ])('are refused with what is allowed: %j', (fault, message) => {
    expect(() => resolve([fault])).toThrow(message)
  })
})

describe('faultsText', () => {
  it('names what, who and when', () => {
    const { faults } = resolve([
      { kind: 'slow', share: 0.1, target: 'all', divideBy: 4 },
      { kind: 'tracker-outage', when: { atS: 60, forS: 30 }, memory: 'lost' },
      { kind: 'tracker-slow', when: { meanEveryS: 60, meanForS: 30 }, delayMs: 2000, share: 0.5 },
      { kind: 'partition', between: 'region:eu-west', when: { atS: 1, forS: 2 }, oneWay: true },
      { kind: 'restart', share: 1, keepsCache: false, when: { atS: 1, forS: 2 } },
      { kind: 'liar', share: 0.2, about: 'chunks' },
    ])
    expect(faultsText(faults).split('; ')).toEqual([
      '10 % of all: slow',
      'trackers: tracker-outage, restarted with an empty memory, at 60 s for 30 s',
      '50 % of trackers: tracker-slow by 2 s, every 60 s for 30 s on average',
      'region:eu-west and rest: partition, one way, at 1 s for 2 s',
      'peers: restart with an empty cache, at 1 s for 2 s',
      '20 % of peers: liar about chunks',
    ])
  })
})
