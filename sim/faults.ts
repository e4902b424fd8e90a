import type { Random } from '../peer/ports/random.ts'
import { exponential } from './churn.ts'

/** Which nodes a fault may strike. Origins and the first initial seed of a content are always spared by `corrupt`. */
export type FaultTarget = 'peers' | 'seeds' | 'all'

interface Struck {
  /** Share of the targets that are struck, 0 to 1. */
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

export type Fault = CrashFault | CorruptFault | FreeRiderFault | SlowFault | StallFault
export type FaultKind = Fault['kind']
export const FAULT_KINDS: readonly FaultKind[] = ['crash', 'corrupt', 'free-rider', 'slow', 'stall']

/** What strikes one node. */
export interface NodeFaults {
  readonly crashAfterMs: number
  readonly corruptShare: number
  readonly isFreeRider: boolean
  readonly upShare: number
  readonly stall: StallFault | undefined
}

export const NO_FAULTS: NodeFaults = {
  crashAfterMs: Infinity,
  corruptShare: 0,
  isFreeRider: false,
  upShare: 1,
  stall: undefined,
}

/** Draws what strikes a node; each fault draws from its own stream of `random`, so that one more changes no other. */
export function drawFaults(faults: readonly Fault[], role: 'peer' | 'seed', random: Random): NodeFaults {
  let drawn = NO_FAULTS
  faults.forEach((fault, position) => {
    if (fault.target !== 'all' && fault.target !== `${role}s`) return
    const stream = random.fork(fault.kind, position)
    if (stream.next() < fault.share) drawn = strike(drawn, fault, stream)
  })
  return drawn
}

function strike(drawn: NodeFaults, fault: Fault, random: Random): NodeFaults {
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
  }
}
