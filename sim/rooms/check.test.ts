import { describe, expect, it } from 'vitest'
import { SIM_DEFAULTS } from '../config.ts'
import { SimConfigError } from '../errors.ts'
import { checkRooms } from './check.ts'
import { ROOMS_WORKLOAD_DEFAULTS } from './config.ts'

describe('checkRooms', () => {
  it('takes the defaults, and members that gather until the room closes', () => {
    expect(() => checkRooms(ROOMS_WORKLOAD_DEFAULTS, SIM_DEFAULTS.swarm)).not.toThrow()
    const until = { ...ROOMS_WORKLOAD_DEFAULTS, listenS: 20, gatherS: 20 }
    expect(() => checkRooms(until, SIM_DEFAULTS.swarm)).not.toThrow()
  })

  it('refuses members that gather when the room has closed', () => {
    const late = { ...ROOMS_WORKLOAD_DEFAULTS, listenS: 10, gatherS: 20 }
    expect(() => checkRooms(late, SIM_DEFAULTS.swarm)).toThrow(SimConfigError)
    expect(() => checkRooms(late, SIM_DEFAULTS.swarm)).toThrow(
      'invalid workload.gatherS: 20 (allowed at most listenS, 10)',
    )
  })
})
