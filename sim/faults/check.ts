import { atLeast, share } from '../check-values.ts'
import { SimConfigError } from '../errors.ts'
import { FAULT_KINDS, type Fault } from '../faults.ts'
import { REGIONS } from '../region-rtt.ts'
import type { Schedule } from './schedule.ts'

const SWARM = ['peers', 'seeds', 'all']
/** Servers may be struck by what needs no change of their program. */
const SERVERS_TOO: Partial<Record<Fault['kind'], readonly string[]>> = {
  restart: ['origins'],
  pause: ['origins', 'trackers'],
  degrade: ['origins', 'trackers'],
  'clock-skew': ['origins', 'trackers'],
}

/** Throws SimConfigError. */
export function checkFault(path: string, fault: Fault): void {
  if (!FAULT_KINDS.includes(fault.kind))
    throw new SimConfigError(`${path}.kind`, fault.kind, FAULT_KINDS.join(', '))
  share(`${path}.share`, fault.share)
  if ('target' in fault)
    checkTarget(`${path}.target`, fault.target, [...SWARM, ...(SERVERS_TOO[fault.kind] ?? [])])
  if ('when' in fault) checkSchedule(path, fault.when)
  switch (fault.kind) {
    case 'crash':
      return atLeast(`${path}.meanAfterS`, fault.meanAfterS, 0)
    case 'corrupt':
      return share(`${path}.chunkShare`, fault.chunkShare)
    case 'slow':
      return atLeast(`${path}.divideBy`, fault.divideBy, 1)
    case 'stall':
      return checkSchedule(path, fault)
    case 'slow-loris':
      return atLeast(`${path}.trickleBps`, fault.trickleBps, 0)
    case 'clock-skew':
      atLeast(`${path}.maxOffsetMs`, fault.maxOffsetMs, 0)
      if (!(fault.maxDriftPpm >= 0 && fault.maxDriftPpm <= 500_000))
        throw new SimConfigError(`${path}.maxDriftPpm`, fault.maxDriftPpm, '0 to 500000')
      return
    case 'degrade':
      share(`${path}.upShare`, fault.upShare)
      share(`${path}.downShare`, fault.downShare)
      atLeast(`${path}.addedMs`, fault.addedMs, 0)
      if (!(fault.lossRate >= 0 && fault.lossRate < 0.5))
        throw new SimConfigError(`${path}.lossRate`, fault.lossRate, '0 or more, below 0.5')
      return
    case 'tracker-slow':
      return atLeast(`${path}.delayMs`, fault.delayMs, 0)
    case 'partition': {
      const groups = [...SWARM, 'origins', 'trackers']
      checkTarget(`${path}.between`, fault.between, groups)
      return checkTarget(`${path}.and`, fault.and, [...groups, 'rest'])
    }
    default:
      return
  }
}

function checkTarget(path: string, target: string, allowed: readonly string[]): void {
  const region = /^region:(.*)$/.exec(target)?.[1]
  if (allowed.includes(target) || (REGIONS as readonly string[]).includes(region ?? '')) return
  throw new SimConfigError(path, target, `${allowed.join(', ')}, or region: and one of ${REGIONS.join(', ')}`)
}

function checkSchedule(path: string, when: Schedule): void {
  if ('atS' in when) {
    atLeast(`${path}.atS`, when.atS, 0)
    atLeast(`${path}.forS`, when.forS, 0)
  } else {
    atLeast(`${path}.meanEveryS`, when.meanEveryS, 0.001)
    atLeast(`${path}.meanForS`, when.meanForS, 0)
  }
}
