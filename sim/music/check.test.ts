import { describe, expect, it } from 'vitest'
import { SIM_DEFAULTS } from '../config.ts'
import { SimConfigError } from '../errors.ts'
import { checkMusic } from './check.ts'
import { MUSIC_DEFAULTS, type MusicConfig } from './config.ts'

const check = (change: Partial<MusicConfig>) => () =>
  checkMusic({ ...MUSIC_DEFAULTS, ...change }, SIM_DEFAULTS.swarm)

describe('checkMusic', () => {
  it('takes the defaults', () => {
    expect(check({})).not.toThrow()
  })

  it('refuses a node that dials more links than it may have', () => {
    const node = { ...MUSIC_DEFAULTS.node, softLinks: 4, hardLinks: 1 }
    expect(check({ node })).toThrow(SimConfigError)
    expect(check({ node })).toThrow('invalid workload.node.hardLinks: 1 (allowed 4 (softLinks) or more)')
  })
})
