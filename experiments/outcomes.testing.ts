import { FEATURE_COUNT } from '../peer/protocol/features.ts'
import type { OutcomeRow } from '../peer/ports/recorder.ts'
import type { Random } from '../peer/ports/random.ts'

const peerId = (number: number): string => number.toString(16).padStart(40, '0')

/** An outcome row with everything set; a share of the measures is unknown. */
export function randomOutcome(random: Random, peers = 30): OutcomeRow {
  const count = 1 + random.below(12)
  const maybe = (value: number): number => (random.next() < 0.2 ? NaN : value)
  const floats = (length: number): Float32Array =>
    Float32Array.from({ length }, () => maybe(1e4 * random.next()))
  return {
    place: random.next() < 0.8 ? 'peer' : 'tracker',
    contentId: 'c'.repeat(64),
    requesterId: peerId(random.below(peers)),
    requesterRegion: ['eu-west', "o'hare", 'na-east'][random.below(3)],
    decidedMs: 1e6 * random.next(),
    chunk: random.below(100) - 1,
    attempt: 1 + random.below(3),
    policy: 'random',
    policyVersion: '1',
    trackerPolicy: 'nearest',
    trackerPolicyVersion: '1+epsilon=0.1',
    trackerRank: random.below(20) - 1,
    candidateIds: Array.from({ length: count }, () => peerId(random.below(peers))),
    features: floats(count * FEATURE_COUNT),
    scores: floats(count),
    chosen: random.below(count),
    propensity: random.next(),
    explored: random.next() < 0.5,
    reason: random.next() < 0.9 ? 'normal' : 'endgame',
    result: random.next() < 0.9 ? 'ok' : 'timeout',
    connectMs: maybe(100 * random.next()),
    ttfbMs: maybe(100 * random.next()),
    durationMs: maybe(1e4 * random.next()),
    bytes: random.below(2 ** 32),
    requesterInflight: random.below(6),
    seedActive: maybe(random.below(5)),
    seedQueued: maybe(random.below(9)),
    deadlineSlackMs: NaN,
  }
}

export const randomOutcomes = (count: number, random: Random): OutcomeRow[] =>
  Array.from({ length: count }, () => randomOutcome(random))
