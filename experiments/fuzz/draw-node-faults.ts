import type { Dice } from './dice.ts'
import type { Section } from './drawn-config.ts'

/** Faults that strike single nodes from the start or at random. */
export function drawNodeFaults(dice: Dice): Section[] {
  return Array.from({ length: dice.pick([0, 0, 1, 2, 3]) }, () => drawFault(dice))
}

function drawFault(dice: Dice): Section {
  const struck = { share: dice.share(0.6), target: dice.pick(['peers', 'seeds', 'all']) }
  switch (dice.pick(KINDS)) {
    case 'crash':
      return { kind: 'crash', ...struck, meanAfterS: dice.pick([0, 1, 20, 200]) }
    case 'corrupt':
      return { kind: 'corrupt', ...struck, chunkShare: dice.share() }
    case 'free-rider':
      return { kind: 'free-rider', ...struck }
    case 'slow':
      return { kind: 'slow', ...struck, divideBy: dice.pick([1, 3, 100]) }
    case 'slow-loris':
      return { kind: 'slow-loris', ...struck, trickleBps: dice.pick([0, 200, 5000]) }
    case 'liar':
      return {
        kind: 'liar',
        ...struck,
        about: dice.pick(['outcomes', 'chunks', 'uploads']),
        refuses: dice.chance(0.5),
      }
    case 'clock-skew':
      return {
        kind: 'clock-skew',
        share: struck.share,
        target: dice.pick(['peers', 'seeds', 'all', 'origins', 'trackers']),
        maxOffsetMs: dice.scale(1, 10_000_000),
        maxDriftPpm: dice.pick([0, 100, 100_000]),
      }
    case 'stall':
      return {
        kind: 'stall',
        ...struck,
        meanEveryS: dice.pick([0.5, 5, 60]),
        meanForS: dice.pick([0, 1, 40]),
      }
  }
}

const KINDS = ['crash', 'corrupt', 'free-rider', 'slow', 'stall', 'slow-loris', 'liar', 'clock-skew'] as const
