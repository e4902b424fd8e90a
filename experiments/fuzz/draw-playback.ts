import type { Dice } from './dice.ts'
import type { Section } from './drawn-config.ts'

/** How what is played is fetched, whatever it is played for. */
export const drawPlayback = (dice: Dice): Section => ({
  originFirstMs: dice.pick([0, 3000, 15_000]),
  emergencyMs: dice.scale(100, 10_000),
  criticalMs: dice.scale(50, 3000),
  peersAheadMs: dice.pick([null, 3000, 30_000]),
  order: dice.pick(['in-order', 'rarest-first']),
  originFetches: dice.whole(1, 4),
})
