import { REDIAL_MS } from '../peer/core/neighbourhood.ts'
import type { PeerSettings } from '../peer/core/options.ts'
import { LIMITS } from '../peer/protocol/limits.ts'

/** What gives a node reason to speak, within the time that is looked at. */
export interface Occasions {
  readonly seconds: number
  /** Members of swarms that it has been in that time, one after another or at once: each knows nothing of pauses before it. */
  readonly members: number
  /** The most of them at once. */
  readonly atOnce: number
  /** How often the program has begun anew, and what a person has done with it. */
  readonly restarts: number
  readonly acts: number
  /** Chunks that have left it or reached it, or have come into being there. */
  readonly chunks: number
  /** Links that it has tried to open, and that others have opened to it. */
  readonly dials: number
  readonly accepted: number
  /** Announces that were answered. */
  readonly answers: number
  /** Requests of one member that may become pointless, so that no pause has to follow, in a second. */
  readonly lapsesPerS: number
  readonly trackers: number
  readonly origins: number
}

/** A tracker can't ask for announces more often than this. */
const LEAST_ANNOUNCE_GAP_MS = 1_000
/** Announces are jittered by a tenth. */
const JITTERED = 0.9

/**
 * The most links that a node may try to open: each peer that it knows, and each tracker, again after its pause. A peer that was
 * forgotten and is named anew may be dialled at once.
 */
export function mostDials(settings: PeerSettings, occasions: Occasions): number {
  const { maxKnownCandidates, maxNeighbours, wantedCandidates, announceBackoffMs } = settings
  const { answers, trackers, origins } = occasions
  const known = Math.max(maxKnownCandidates, maxNeighbours) + origins
  const named = answers * Math.min(wantedCandidates, maxKnownCandidates, LIMITS.candidates)
  // Coming back to a better tracker costs a link, and another one where it is still away.
  const perTracker = 3 * times(occasions, JITTERED * announceBackoffMs)
  return known * times(occasions, REDIAL_MS) + named + trackers * perTracker
}

/**
 * The most control messages that a node may send. A request ends with a chunk, becomes pointless, or comes to nothing and is
 * followed by a pause. A chunk is told to every neighbour at most, and may change the interest in each. A refusal or a
 * cancellation answers a request, and others may ask as often as this node does.
 */
export function mostMessages(settings: PeerSettings, occasions: Occasions): number {
  const { maxNeighbours, maxFetches, maxFetchesPerSeed, seedBackoffMs, chokeRoundMs } = settings
  const { seconds, members, atOnce, chunks, dials, accepted, lapsesPerS, origins } = occasions
  const neighbours = (maxNeighbours + origins) * atOnce
  const links = dials + accepted
  const announceGapMs = Math.min(LEAST_ANNOUNCE_GAP_MS, settings.announceBackoffMs)
  const reports = settings.reportMs > 0 ? times(occasions, settings.reportMs) : 0
  // Each member may end with an announce that all is there, its last reports, and a goodbye.
  const toTrackers = times(occasions, announceGapMs) + reports + 3 * members
  const rounds = (1000 * seconds) / chokeRoundMs
  const vainTries = (1000 * seconds) / Math.max(seedBackoffMs, 1)
  const lapses = lapsesPerS > 0 ? atOnce * lapsesPerS * seconds + members * maxFetches : 0
  // On a link: handshake, bitfield, interest, unchoke; then what both sides try at once before any pause.
  const onLinks = (4 + 3 * maxFetchesPerSeed) * links
  return (
    toTrackers +
    onLinks +
    neighbours * (3 * maxFetchesPerSeed * (1 + vainTries) + 2 * (1 + rounds)) +
    (2 + neighbours) * lapses +
    chunks * (4 + 4 * neighbours)
  )
}

/** How often a member may do what is followed by a pause, all members of a node together. */
const times = ({ members, atOnce, seconds }: Occasions, pauseMs: number): number =>
  members + (atOnce * 1000 * seconds) / Math.max(pauseMs, 1)
