import { CONFIG_POLICIES } from '../config/policy-settings.ts'
import type { Dice } from './dice.ts'
import type { Section } from './drawn-config.ts'

const DRAWN = CONFIG_POLICIES.filter((policy) => policy !== 'model')

/** One policy, at times exploring, at times another one at the tracker. */
export const drawPolicies = (dice: Dice): Section[] => [
  {
    label: 'drawn',
    ...drawRanker(dice),
    ...dice.maybe(0.3, () => ({ tracker: drawRanker(dice) })),
  },
]

function drawRanker(dice: Dice): Section {
  const policy = dice.pick(DRAWN)
  return {
    policy,
    // The oracle and random choice have nothing to explore.
    ...(policy === 'oracle' || policy === 'random'
      ? {}
      : dice.maybe(0.3, () => ({
          explore: dice.pick([
            { kind: 'epsilon', epsilon: dice.share() },
            { kind: 'softmax', temperature: dice.pick([0.01, 1, 100]) },
          ]),
        }))),
  }
}
