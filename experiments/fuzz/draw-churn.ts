import type { Dice } from './dice.ts'
import type { Section } from './drawn-config.ts'

/** When peers come, how long they stay, and how they go. */
export function drawChurn(dice: Dice): Section {
  const staying = { lingerS: dice.pick([null, null, 0, 5, 60]), gracefulShare: dice.share() }
  return {
    arrivals: dice.chance(0.6)
      ? { kind: 'flash', windowS: dice.pick([0, 1, 10, 60]) }
      : { kind: 'poisson', meanGapS: dice.pick([0, 0.1, 1, 5]) },
    sessions: dice.chance(0.6)
      ? { kind: 'unlimited', ...staying }
      : { kind: 'weibull', shape: dice.pick([0.4, 0.59, 1, 3]), scaleS: dice.scale(1, 600), ...staying },
  }
}
