import { TIMED_KINDS } from '../../sim/faults.ts'
import type { Dice } from './dice.ts'
import type { Section } from './drawn-config.ts'

/** Faults that come and go, by schedule or at random, servers included. */
export function drawTimedFaults(dice: Dice): Section[] {
  return Array.from({ length: dice.pick([0, 0, 1, 2, 3]) }, () => drawFault(dice))
}

const SWARM = ['peers', 'seeds', 'all', 'region:eu-west']
const ALL = [...SWARM, 'origins', 'trackers']

function drawFault(dice: Dice): Section {
  const share = dice.share()
  const when = drawWhen(dice)
  const target = dice.pick(ALL)
  switch (dice.pick(TIMED_KINDS)) {
    case 'restart':
      return {
        kind: 'restart',
        share,
        target: dice.pick([...SWARM, 'origins']),
        when,
        keepsCache: dice.chance(0.5),
      }
    case 'pause':
      return { kind: 'pause', share, target, when }
    case 'degrade':
      return {
        kind: 'degrade',
        share,
        target,
        when,
        upShare: dice.share(),
        downShare: dice.share(),
        addedMs: dice.whole(0, 1000),
        lossRate: dice.share(0.49),
      }
    case 'tracker-outage':
      return {
        kind: 'tracker-outage',
        share,
        when,
        memory: dice.pick(['kept', 'lost']),
        refuses: dice.chance(0.5),
      }
    case 'tracker-slow':
      return { kind: 'tracker-slow', share, when, delayMs: dice.scale(10, 30_000) }
    case 'origin-outage':
      return { kind: 'origin-outage', share, when, refuses: dice.chance(0.5) }
    case 'partition':
      return {
        kind: 'partition',
        share,
        when,
        between: target,
        and: dice.pick([...ALL, 'rest']),
        oneWay: dice.chance(0.4),
      }
  }
}

const drawWhen = (dice: Dice): Section =>
  dice.chance(0.5)
    ? { atS: dice.whole(0, 60), forS: dice.pick([0, 1, 10, 60, 300]) }
    : { meanEveryS: dice.pick([0.5, 10, 100]), meanForS: dice.pick([0, 1, 30]) }
