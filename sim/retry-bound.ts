import { REDIAL_MS } from '../peer/core/neighbourhood.ts'
import type { PeerSettings } from '../peer/core/options.ts'

/** What gives a node reason to speak, within the time that is looked at. */
export interface Occasions {
  readonly seconds: number
  /** Chunks that have left it or reached it, or have come into being there. */
  readonly chunks: number
  /** Links that others have opened to it. */
  readonly accepted: number
  readonly trackers: number
}

/** Announces are answered no sooner than that they may follow each other. */
const LEAST_ANNOUNCE_GAP_MS = 1_000
/** Announces are jittered by a tenth. */
const JITTERED = 0.9
/** The origin of a swarm is a neighbour beyond the limit. */
const ORIGINS = 1

/** The most links that a member of one swarm may try to open: each peer that it knows, and each tracker, again after its pause. */
export function mostDials(settings: PeerSettings, { seconds, trackers }: Occasions): number {
  const { maxKnownCandidates, maxNeighbours, announceBackoffMs } = settings
  const known = Math.max(maxKnownCandidates, maxNeighbours) + ORIGINS
  const perTracker = 1 + (1000 * seconds) / (JITTERED * announceBackoffMs)
  // Coming back to a better tracker costs a link, and another one where it is still away.
  return known * (1 + (1000 * seconds) / REDIAL_MS) + 3 * trackers * perTracker
}

/**
 * The most control messages that a member of one swarm may send. Requests that come to nothing are followed by a pause; all
 * others end with a chunk. A chunk is told to every neighbour at most, and may change the interest in each. A refusal or a
 * cancellation answers a request.
 */
export function mostMessages(settings: PeerSettings, occasions: Occasions): number {
  const { maxNeighbours, maxFetchesPerSeed, seedBackoffMs, chokeRoundMs } = settings
  const { seconds, chunks, accepted } = occasions
  const neighbours = maxNeighbours + ORIGINS
  const vainTries = maxFetchesPerSeed * (1 + (1000 * seconds) / Math.max(seedBackoffMs, 1))
  const chokes = 2 * (1 + (1000 * seconds) / chokeRoundMs)
  const links = mostDials(settings, occasions) + accepted
  const announces = 2 * (1 + (1000 * seconds) / LEAST_ANNOUNCE_GAP_MS)
  // On a link: handshake, bitfield, interest, and a word to the tracker for each dial.
  return announces + 4 * links + neighbours * (3 * vainTries + chokes) + chunks * (4 + 4 * neighbours)
}
