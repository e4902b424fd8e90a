import type { FeatureName } from '../../peer/protocol/features.ts'
import type { Address, ContentId } from '../../peer/protocol/ids.ts'
import type { Ranker, Ranking } from '../../peer/ports/ranker.ts'
import { ROOMS_DEFAULTS, type RoomsSettings } from './room-options.ts'

export interface TrackerSettings {
  /** Interval that peers are told to announce at. */
  readonly announceMs: number
  /** A peer that has not announced for so long is forgotten. */
  readonly expiryMs: number
  /** Most candidates returned for one announce. */
  readonly maxCandidates: number
  /** Peers drawn at random from the swarm and shown to the ranker for one announce. */
  readonly candidatePool: number
  readonly maxSwarms: number
  /** Chunks of all swarms together; each takes a few bytes, however few hold it. */
  readonly maxChunks: number
  readonly maxPeersPerSwarm: number
  /** Peers of one network (an address, or what `networkOf` says) in one swarm, and in all swarms together. */
  readonly maxPeersPerAddress: number
  readonly maxMembershipsPerAddress: number
  /** Members kept of a swarm, origins aside: those that announced last; null for all. */
  readonly recentMembers: number | null
  /** Weight of a new report in the moving averages of a seed's goodput and success. */
  readonly reportWeight: number
  /** Whether reports count as far as the reporter agreed with others so far, and once a reporter; or all alike. */
  readonly weighsReports: boolean
  /** Whether members' uploads are believed only as far as the downloads of their swarm bear them out. */
  readonly balancesUploads: boolean
  /** What peers tell: Seedbed's own their load and how their fetches went; unmodified clients no more than BitTorrent has words for. */
  readonly clients: ClientKind
  readonly rooms: RoomsSettings
}

export const CLIENT_KINDS = ['seedbed', 'unmodified'] as const
export type ClientKind = (typeof CLIENT_KINDS)[number]

export const TRACKER_DEFAULTS: TrackerSettings = {
  announceMs: 30_000,
  expiryMs: 90_000,
  maxCandidates: 40,
  candidatePool: 100,
  maxSwarms: 10_000,
  maxChunks: 2 ** 24,
  maxPeersPerSwarm: 200_000,
  maxPeersPerAddress: 64,
  maxMembershipsPerAddress: 5_000,
  recentMembers: null,
  reportWeight: 0.1,
  weighsReports: true,
  balancesUploads: false,
  clients: 'seedbed',
  rooms: ROOMS_DEFAULTS,
}

/** Who ranks for one swarm. */
export interface SwarmPolicies {
  readonly ranker: Ranker
  /** Ranks the same candidates beside it; nobody is told of its order, it is only recorded. */
  readonly shadow?: Ranker | undefined
}

export interface TrackerOptions {
  /** Whoever shares this with another speaks with one voice, and is counted with it; without it nobody is counted. */
  readonly networkOf?: (address: Address) => string
  /**
   * Where an address (or a host alone) is, for telling who may speak for a member: those who share it with that. Without it
   * everybody may.
   */
  readonly placeOf?: (address: Address) => string
  /** Features that are hidden from every policy, as if nobody ever knew them. */
  readonly maskedFeatures?: readonly FeatureName[]
  readonly settings: TrackerSettings
  /** Typical round-trip time between two regions in milliseconds; NaN where unknown. */
  readonly rttEstimateMs: (fromRegion: string, toRegion: string) => number
  /** Asked at every decision; where it is left out, the port's ranker serves all swarms. */
  readonly policiesOf?: (contentId: ContentId) => SwarmPolicies
  /** Told of every decision that a shadow was asked for too. The orders last until the rankers' next calls. */
  readonly heardShadow?: (served: Ranking, shadow: Ranking) => void
}
