import { FEATURE_COUNT, FEATURE_INDEX } from '../peer/protocol/features.ts'
import type { Random } from '../peer/ports/random.ts'
import type { RankingGroups } from './groups.ts'
import { emptyGroups } from './groups.ts'
import { normal } from './mlp.ts'

/**
 * Groups whose utility is known: ln(goodput), less 0.2 per waiting request, plus noise of deviation 0.1; the other
 * features are noise, a tenth of the values unknown. For benchmarks and tests.
 */
export function syntheticGroups(count: number, size: number, random: Random): RankingGroups {
  const groups = emptyGroups(count, size)
  for (let group = 0; group < count; group++) {
    groups.lengths[group] = 2 + random.below(size - 1)
    for (let item = group * size; item < group * size + groups.lengths[group]; item++) {
      const at = item * FEATURE_COUNT
      for (let i = 0; i < FEATURE_COUNT; i++)
        groups.features[at + i] = random.next() < 0.1 ? NaN : Math.exp(3 + normal(random))
      const goodputBps = Math.exp(13 + normal(random))
      const queued = random.below(8)
      groups.features[at + FEATURE_INDEX.goodput_bps] = goodputBps
      groups.features[at + FEATURE_INDEX.queued_uploads] = queued
      groups.utility[item] = Math.log(goodputBps) - 0.2 * queued + 0.1 * normal(random)
      groups.logWeight[item] = 0
    }
  }
  return groups
}
