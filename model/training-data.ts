import { FEATURE_COUNT, FEATURES, isObservable } from '../peer/protocol/features.ts'
import type { Random } from '../peer/ports/random.ts'
import type { RankingGroups } from './groups.ts'
import type { InputTransform } from './transform.ts'

/** Groups as the network sees them; G groups of K places with I inputs each. */
export interface TrainingData {
  readonly groups: number
  readonly size: number
  readonly width: number
  /** Real items, padding not counted. */
  readonly items: number
  /** [G, K, I]. */
  readonly inputs: Float32Array
  /** Target probability of each item being first, [G, K]; 0 where there is no item. */
  readonly targets: Float32Array
  /** As in RankingGroups, [G, K]. */
  readonly logWeight: Float32Array
}

/**
 * Scales features and turns utilities into target distributions, softmax(utility / temperature + ln weight): ListNet's
 * top-one probabilities (Cao et al. 2007) of the groups as if each candidate had been logged equally often.
 */
export function toTrainingData(
  data: RankingGroups,
  transform: InputTransform,
  temperature: number,
): TrainingData {
  const { size, lengths, features, utility, logWeight } = data
  const width = transform.width
  const inputs = new Float32Array(lengths.length * size * width)
  const targets = new Float32Array(lengths.length * size)
  let items = 0
  for (let group = 0; group < lengths.length; group++) {
    const at = group * size
    const end = at + lengths[group]
    items += lengths[group]
    transform.write(features, at, lengths[group], inputs)
    let highest = -Infinity
    for (let i = at; i < end; i++) {
      targets[i] = utility[i] / temperature + logWeight[i]
      if (targets[i] > highest) highest = targets[i]
    }
    let sum = 0
    for (let i = at; i < end; i++) {
      targets[i] = Math.exp(targets[i] - highest)
      sum += targets[i]
    }
    for (let i = at; i < end; i++) targets[i] /= sum
  }
  return { groups: lengths.length, size, width, items, inputs, targets, logWeight }
}

/** A copy in which a share of the groups, drawn at random, lacks the features that only a peer observes. */
export function hidePeerFeatures(data: RankingGroups, share: number, random: Random): RankingGroups {
  const { size, lengths } = data
  const features = data.features.slice()
  const hidden = FEATURES.flatMap((feature, index) => (isObservable(feature, 'tracker') ? [] : [index]))
  for (let group = 0; group < lengths.length; group++) {
    if (random.next() >= share) continue
    for (let row = group * size; row < (group + 1) * size; row++)
      for (const index of hidden) features[row * FEATURE_COUNT + index] = NaN
  }
  return { ...data, features }
}
