import type { FetchResult } from '../protocol/messages.ts'
import type { Ranker } from '../ports/ranker.ts'
import type { Recorder } from '../ports/recorder.ts'
import type { Fetch } from './fetch.ts'
import type { SwarmOptions } from './options.ts'

/** Writes the outcome row of a fetch that has ended, where its decision is recorded. */
export function recordFetch(
  recorder: Recorder,
  ranker: Ranker,
  options: SwarmOptions,
  fetch: Fetch,
  result: FetchResult,
  bytes: number,
  nowMs: number,
): void {
  const { decision } = fetch
  if (!decision) return
  const { known } = fetch.neighbour
  recorder.record({
    place: 'peer',
    contentId: options.manifest.contentId,
    requesterId: options.peerId,
    requesterRegion: options.region,
    decidedMs: fetch.decidedMs,
    chunk: fetch.chunk,
    attempt: fetch.attempt,
    policy: ranker.name,
    policyVersion: ranker.version,
    trackerPolicy: known.listing.policy,
    trackerPolicyVersion: known.listing.policyVersion,
    trackerRank: known.trackerRank,
    ...decision,
    reason: fetch.reason,
    result,
    connectMs: known.connectMs,
    ttfbMs: fetch.firstByteMs - fetch.decidedMs,
    durationMs: nowMs - fetch.decidedMs,
    bytes,
    requesterInflight: fetch.requesterInflight,
    seedActive: fetch.seedActive,
    seedQueued: fetch.seedQueued,
    deadlineSlackMs: fetch.deadlineMs - nowMs,
  })
}
