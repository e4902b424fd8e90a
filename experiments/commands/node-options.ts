import { randomBytes } from 'node:crypto'
import { createRanker } from '../../model/policies.ts'
import type { LivePeerOptions } from '../../peer/live/compose.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import type { Random } from '../../peer/ports/random.ts'

/** What a node is told that composes its own cores, from what a peer's command line asks for. */
export function nodeOptions(options: LivePeerOptions) {
  const { trackers, listen, region, policy, model, recorder, settings, seed } = options
  return {
    ...{ trackers, listen, region },
    random: new SeededRandom(seed ?? randomBytes(16).toString('hex')),
    recorder: recorder ?? { wants: () => false, record: () => undefined },
    ranker: (random: Random) => createRanker(policy, { random, model }),
    ...(settings && { settings }),
    warning: (error: Error) => options.warning?.(error),
  }
}
