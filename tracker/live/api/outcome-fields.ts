import { z } from 'zod'
import { FEATURE_COUNT, FEATURE_INDEX, type FeatureName, FEATURES } from '../../../peer/protocol/features.ts'
import { LIMITS } from '../../../peer/protocol/limits.ts'
import { FETCH_RESULTS } from '../../../peer/protocol/messages.ts'
import type { OutcomeRow } from '../../../peer/ports/recorder.ts'
import { chunkNumber, peerRef, shortText } from './fields.ts'

const DAY_MS = 24 * 3600 * 1000

const figure = z.number().min(-3.4e38).max(3.4e38)
const durationMs = z.number().min(0).max(DAY_MS)
const unknown = (description: string) => ({ description: `${description}; left out or null where not known` })
const names = FEATURES.map(({ name }) => name) as [FeatureName, ...FeatureName[]]

const candidateSchema = z
  .strictObject({
    peer: peerRef,
    score: figure.optional(),
    features: z.partialRecord(z.enum(names), figure.nullable()).default({}).meta({
      description: 'what was known of it when the choice was made, by the names of the ranking features',
    }),
  })
  .meta({ id: 'ReportedCandidate' })

/** One fetch as a peer reports it. */
export const outcomeSchema = z
  .strictObject({
    chunk: chunkNumber,
    attempt: z.int().min(1).max(1000).default(1),
    seed: peerRef.meta({ description: 'from whom the chunk was asked' }),
    result: z.enum(FETCH_RESULTS),
    reason: z.enum(['normal', 'endgame', 'origin']).default('normal'),
    bytes: z
      .int()
      .min(0)
      .max(LIMITS.chunksPerContent * LIMITS.chunkBytes),
    durationMs: durationMs.meta({ description: 'from the request to the end of the fetch' }),
    connectMs: durationMs.nullish().meta(unknown('time that the connection took')),
    ttfbMs: durationMs.nullish().meta(unknown('time to the first byte')),
    deadlineSlackMs: z
      .number()
      .min(-DAY_MS)
      .max(DAY_MS)
      .nullish()
      .meta(unknown('time that was left at the end')),
    decidedMs: z
      .number()
      .min(0)
      .max(8.64e15)
      .nullish()
      .meta(unknown('when the choice was made, ms since 1970')),
    requesterInflight: z.int().min(0).max(65_535).nullish().meta(unknown('other fetches under way')),
    seedActive: z.int().min(0).max(LIMITS.loadCounter).nullish().meta(unknown('uploads of the seed')),
    seedQueued: z
      .int()
      .min(0)
      .max(LIMITS.loadCounter)
      .nullish()
      .meta(unknown('requests waiting at the seed')),
    policy: shortText.default('').meta({ description: 'what chose the seed' }),
    policyVersion: shortText.default(''),
    trackerPolicy: shortText.default('').meta({ description: 'what ranked at the tracker' }),
    trackerPolicyVersion: shortText.default(''),
    trackerRank: z.int().min(-1).max(LIMITS.candidates).default(-1),
    propensity: z.number().gt(0).max(1).nullish().meta(unknown('probability of this choice')),
    explored: z.boolean().default(false),
    candidates: z.array(candidateSchema).max(LIMITS.candidates).default([]).meta({
      description: 'everybody who could have been asked, the seed among them; without it, the seed alone',
    }),
  })
  .refine(({ candidates, seed }) => candidates.length === 0 || candidates.some(({ peer }) => peer === seed), {
    error: 'the seed has to be among the candidates',
    path: ['candidates'],
  })
  .meta({ id: 'Outcome' })

export type ReportedOutcome = z.output<typeof outcomeSchema>

/** The row that a report stands for. */
export function rowOf(
  outcome: ReportedOutcome,
  requester: { readonly contentId: string; readonly peerId: string; readonly region: string },
  nowMs: number,
): OutcomeRow {
  const candidates =
    outcome.candidates.length > 0 ? outcome.candidates : [{ peer: outcome.seed, features: {} }]
  const features = new Float32Array(candidates.length * FEATURE_COUNT).fill(NaN)
  candidates.forEach(({ features: known }, i) => {
    for (const [name, value] of Object.entries(known))
      features[i * FEATURE_COUNT + FEATURE_INDEX[name as FeatureName]] = value ?? NaN
  })
  return {
    place: 'peer',
    contentId: requester.contentId,
    requesterId: requester.peerId,
    requesterRegion: requester.region,
    decidedMs: outcome.decidedMs ?? nowMs - outcome.durationMs,
    chunk: outcome.chunk,
    attempt: outcome.attempt,
    policy: outcome.policy,
    policyVersion: outcome.policyVersion,
    trackerPolicy: outcome.trackerPolicy,
    trackerPolicyVersion: outcome.trackerPolicyVersion,
    trackerRank: outcome.trackerRank,
    candidateIds: candidates.map(({ peer }) => peer),
    features,
    scores: Float32Array.from(candidates, (candidate) => ('score' in candidate ? (candidate.score ?? 0) : 0)),
    chosen: candidates.findIndex(({ peer }) => peer === outcome.seed),
    propensity: outcome.propensity ?? NaN,
    explored: outcome.explored,
    reason: outcome.reason,
    result: outcome.result,
    connectMs: outcome.connectMs ?? NaN,
    ttfbMs: outcome.ttfbMs ?? NaN,
    durationMs: outcome.durationMs,
    bytes: outcome.bytes,
    requesterInflight: outcome.requesterInflight ?? 0,
    seedActive: outcome.seedActive ?? NaN,
    seedQueued: outcome.seedQueued ?? NaN,
    deadlineSlackMs: outcome.deadlineSlackMs ?? NaN,
  }
}
