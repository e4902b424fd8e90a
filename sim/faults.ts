import type { Random } from '../peer/ports/random.ts'
import { exponential } from './churn.ts'
import type { Schedule } from './faults/schedule.ts'
import { type FaultTarget, isTarget, type Role } from './faults/target.ts'
import type { ClockSkew } from './skewed-clock.ts'

/**
 * Nodes that a fault strikes: each of the targets with probability `share`, 0 to 1. The first initial seed of a content is
 * spared by all that would leave nobody an honest source.
 */
interface Struck {
  readonly share: number
  readonly target: FaultTarget
}

/** Vanishes for good, after an exponential time. */
export interface CrashFault extends Struck {
  readonly kind: 'crash'
  readonly meanAfterS: number
}
/** Polluter: sends chunks with wrong data. */
export interface CorruptFault extends Struck {
  readonly kind: 'corrupt'
  /** Share of the chunks sent that are wrong. */
  readonly chunkShare: number
}
/** Takes and never gives. */
export interface FreeRiderFault extends Struck {
  readonly kind: 'free-rider'
}
/** Uploads at a fraction of what its access class has. */
export interface SlowFault extends Struck {
  readonly kind: 'slow'
  readonly divideBy: number
}
/** Stops sending now and then: exponential times between and during stalls. */
export interface StallFault extends Struck {
  readonly kind: 'stall'
  readonly meanEveryS: number
  readonly meanForS: number
}
/** Takes requests and sends nothing (0 bytes per second), or next to nothing. */
export interface SlowLorisFault extends Struck {
  readonly kind: 'slow-loris'
  readonly trickleBps: number
}
/** Lies: to the tracker about its fetches or its uploads, or to everybody about the chunks that it holds. */
export interface LiarFault extends Struck {
  readonly kind: 'liar'
  readonly about: 'outcomes' | 'chunks' | 'uploads'
  /** Bytes a second that a liar about uploads says it has sent since it came. */
  readonly claimsBps?: number | undefined
  /** Whether requests for chunks that it lacks are refused; else they are never answered. */
  readonly refuses: boolean
}
/** A clock that is off by up to `maxOffsetMs` either way, and runs wrong by up to `maxDriftPpm`, both even. */
export interface ClockSkewFault extends Struck {
  readonly kind: 'clock-skew'
  readonly maxOffsetMs: number
  readonly maxDriftPpm: number
}

/** Vanishes without a word and comes back as the same peer in a new session. */
export interface RestartFault extends Struck {
  readonly kind: 'restart'
  readonly when: Schedule
  /** Whether it comes back with what it had stored. */
  readonly keepsCache: boolean
}
/** The process stands still: no timer fires and no message is handled, while its host goes on. */
export interface PauseFault extends Struck {
  readonly kind: 'pause'
  readonly when: Schedule
}
/** Links are worse for a while: less capacity, more latency, more loss. */
export interface DegradeFault extends Struck {
  readonly kind: 'degrade'
  readonly when: Schedule
  /** Shares of the capacities that are left. */
  readonly upShare: number
  readonly downShare: number
  /** Added to the one-way delay to everybody. */
  readonly addedMs: number
  /** Added packet loss. */
  readonly lossRate: number
}
/** Trackers are away: unreachable with their memory intact, or stopped and started anew with an empty one. */
export interface TrackerOutageFault {
  readonly kind: 'tracker-outage'
  readonly when: Schedule
  readonly share: number
  readonly memory: 'kept' | 'lost'
  /** Whether the host tells those who dial; else it does not answer at all. */
  readonly refuses: boolean
}
/** Trackers take their time over each answer. */
export interface TrackerSlowFault {
  readonly kind: 'tracker-slow'
  readonly when: Schedule
  readonly share: number
  readonly delayMs: number
}
/** Origins are away and come back with what they had. */
export interface OriginOutageFault {
  readonly kind: 'origin-outage'
  readonly when: Schedule
  readonly share: number
  readonly refuses: boolean
}
/** Nothing passes between two groups; with `oneWay`, nothing from the first to the second. */
export interface PartitionFault {
  readonly kind: 'partition'
  readonly when: Schedule
  readonly between: FaultTarget
  /** `rest`: everybody who is not in the first group. */
  readonly and: FaultTarget | 'rest'
  /** Share of the first group's targets that are in it. */
  readonly share: number
  readonly oneWay: boolean
}

export type LastingFault =
  | CrashFault
  | CorruptFault
  | FreeRiderFault
  | SlowFault
  | StallFault
  | SlowLorisFault
  | LiarFault
  | ClockSkewFault
export type TimedFault =
  RestartFault | PauseFault | DegradeFault | TrackerOutageFault | TrackerSlowFault | OriginOutageFault
export type Fault = LastingFault | TimedFault | PartitionFault
export type FaultKind = Fault['kind']
/** Those that come and go. */
export const TIMED_KINDS = [
  'restart',
  'pause',
  'degrade',
  'tracker-outage',
  'tracker-slow',
  'origin-outage',
  'partition',
] as const
export const FAULT_KINDS: readonly FaultKind[] = [
  'crash',
  'corrupt',
  'free-rider',
  'slow',
  'stall',
  'slow-loris',
  'liar',
  'clock-skew',
  ...TIMED_KINDS,
]

/** A timed fault that strikes a node; `position` is its place in the config and names its random stream. */
export interface TimedStrike {
  readonly fault: TimedFault
  readonly position: number
}

/** What strikes one node. */
export interface NodeFaults {
  readonly crashAfterMs: number
  readonly corruptShare: number
  readonly isFreeRider: boolean
  readonly upShare: number
  readonly stall: StallFault | undefined
  /** Bytes per second that a slow loris sends; undefined for honest nodes. */
  readonly trickleBps: number | undefined
  readonly lies: readonly LiarFault[]
  readonly skew: ClockSkew | undefined
  readonly timed: readonly TimedStrike[]
}

export const NO_FAULTS: NodeFaults = {
  crashAfterMs: Infinity,
  corruptShare: 0,
  isFreeRider: false,
  upShare: 1,
  stall: undefined,
  trickleBps: undefined,
  lies: [],
  skew: undefined,
  timed: [],
}

/** Draws what strikes a node; each fault draws from its own stream of `random`, so that one more changes no other. */
export function drawFaults(faults: readonly Fault[], role: Role, region: string, random: Random): NodeFaults {
  let drawn = NO_FAULTS
  faults.forEach((fault, position) => {
    if (fault.kind === 'partition' || !isTarget(targetOf(fault), role, region)) return
    const stream = random.fork(fault.kind, position)
    if (stream.next() >= fault.share) return
    drawn =
      'when' in fault
        ? { ...drawn, timed: [...drawn.timed, { fault, position }] }
        : strike(drawn, fault, stream)
  })
  return drawn
}

/** The same without what would leave nobody an honest source: for the first seed of a content. */
export function spared(faults: NodeFaults): NodeFaults {
  const { upShare, stall, skew } = faults
  const timed = faults.timed.filter(({ fault }) => fault.kind !== 'restart' || fault.keepsCache)
  return { ...NO_FAULTS, upShare, stall, skew, timed }
}

function targetOf(fault: LastingFault | TimedFault): FaultTarget {
  switch (fault.kind) {
    case 'tracker-outage':
    case 'tracker-slow':
      return 'trackers'
    case 'origin-outage':
      return 'origins'
    default:
      return fault.target
  }
}

function strike(drawn: NodeFaults, fault: LastingFault, random: Random): NodeFaults {
  switch (fault.kind) {
    case 'crash': {
      const afterMs = 1000 * exponential(fault.meanAfterS, random.next())
      return { ...drawn, crashAfterMs: Math.min(drawn.crashAfterMs, afterMs) }
    }
    case 'corrupt':
      return { ...drawn, corruptShare: Math.max(drawn.corruptShare, fault.chunkShare) }
    case 'free-rider':
      return { ...drawn, isFreeRider: true }
    case 'slow':
      return { ...drawn, upShare: drawn.upShare / fault.divideBy }
    case 'stall':
      return { ...drawn, stall: fault }
    case 'slow-loris':
      return { ...drawn, trickleBps: Math.min(drawn.trickleBps ?? Infinity, fault.trickleBps) }
    case 'liar':
      return { ...drawn, lies: [...drawn.lies, fault] }
    case 'clock-skew': {
      const offsetMs = (2 * random.next() - 1) * fault.maxOffsetMs
      const driftPpm = (2 * random.next() - 1) * fault.maxDriftPpm
      return { ...drawn, skew: { offsetMs, driftPpm } }
    }
  }
}
