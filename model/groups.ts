import { FEATURE_COUNT } from '../peer/protocol/features.ts'

/** Stands for ln 0 at places without an item: small enough to vanish in a softmax, yet finite. */
export const NO_ITEM = -1e9

/**
 * Lists to rank: G groups, each of up to K items (fetches of one requester), padded to K. The items of a group come
 * first; `lengths` and `logWeight` are the mask.
 */
export interface RankingGroups {
  /** K. */
  readonly size: number
  /** Items of each group, [G]. */
  readonly lengths: Uint16Array
  /** Raw features of the chosen seed when it was chosen, [G, K, FEATURE_COUNT]; NaN where unknown. */
  readonly features: Float32Array
  /** What the fetch was worth, ln(byte/s), [G, K]; 0 where there is no item. */
  readonly utility: Float32Array
  /** Logarithm of the clipped inverse propensity of the choice, [G, K]; NO_ITEM where there is no item. */
  readonly logWeight: Float32Array
}

export function emptyGroups(count: number, size: number): RankingGroups {
  return {
    size,
    lengths: new Uint16Array(count),
    features: new Float32Array(count * size * FEATURE_COUNT).fill(NaN),
    utility: new Float32Array(count * size),
    logWeight: new Float32Array(count * size).fill(NO_ITEM),
  }
}

export const countItems = ({ lengths }: RankingGroups): number => lengths.reduce((sum, n) => sum + n, 0)
