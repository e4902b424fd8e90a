import type { PeerId } from '../protocol/ids.ts'

/** Where a decision is made: which candidates the tracker returns, or which holder a peer asks for a chunk. */
export type DecisionPlace = 'tracker' | 'peer'

/** The candidates of one decision, as the decider sees them at that moment. */
export interface CandidateSet {
  readonly place: DecisionPlace
  /** The peer that the candidates are for. */
  readonly requesterId: PeerId
  /** Number of candidates, at least 1. */
  readonly count: number
  /** One a candidate, `count` of them (the array may be longer). */
  readonly peerIds: readonly PeerId[]
  /** Row-major [count, FEATURE_COUNT] raw feature values (the array may be longer); NaN where unknown. */
  readonly features: Float32Array
}

/** A ranker's answer. Arrays may be reused by the ranker's next call: copy what must last. */
export interface Ranking {
  /** Indices of the chosen candidates, best first; `wanted` of them, or all. */
  readonly order: ArrayLike<number>
  /** One score a candidate, higher is better; all zero for policies that score nothing. */
  readonly scores: Float32Array
  /** Probability with which the policy puts `order[0]` first, given the candidates and its state. */
  readonly propensity: number
  /** Whether `order[0]` was drawn by exploration. */
  readonly explored: boolean
}

/** A seed policy: orders candidates. One object serves one node. */
export interface Ranker {
  /** Policy name, as in configs. */
  readonly name: string
  /** What makes this ranker's behaviour reproducible: a model version, or the policy's parameters. */
  readonly version: string
  /** Whether `rank` reads the features; where it does not, a decider may leave them out when nobody records them. */
  readonly readsFeatures: boolean
  rank(candidates: CandidateSet, wanted: number): Ranking
}
