import type { RankingGroups } from './groups.ts'

/** Mean listwise softmax loss of scores [G, K]: what training minimises, computed in doubles. */
export function listwiseLossOf(groups: RankingGroups, temperature: number, scores: Float64Array): number {
  const { size, lengths, utility, logWeight } = groups
  let sum = 0
  for (let group = 0; group < lengths.length; group++) {
    const from = group * size
    const end = from + lengths[group]
    let targetPeak = -Infinity
    let scorePeak = -Infinity
    for (let i = from; i < end; i++) {
      targetPeak = Math.max(targetPeak, utility[i] / temperature + logWeight[i])
      scorePeak = Math.max(scorePeak, scores[i] + logWeight[i])
    }
    let targetSum = 0
    let scoreSum = 0
    let product = 0
    for (let i = from; i < end; i++) {
      const target = Math.exp(utility[i] / temperature + logWeight[i] - targetPeak)
      const score = scores[i] + logWeight[i] - scorePeak
      targetSum += target
      scoreSum += Math.exp(score)
      product += target * score
    }
    sum += Math.log(scoreSum) - product / targetSum
  }
  return sum / lengths.length
}

/**
 * Share of the pairs of a group that scores [G, K] put in the order of their utilities, over all groups; equal scores
 * count half, pairs of equal utility not at all. 0.5 is chance; twice the excess over it is Kendall's tau.
 */
export function pairwiseAccuracy(groups: RankingGroups, scores: Float64Array): number {
  const { size, lengths, utility } = groups
  let right = 0
  let pairs = 0
  for (let group = 0; group < lengths.length; group++) {
    const end = group * size + lengths[group]
    for (let i = group * size; i < end; i++)
      for (let j = i + 1; j < end; j++) {
        if (utility[i] === utility[j]) continue
        pairs++
        if (scores[i] === scores[j]) right += 0.5
        else if (scores[i] > scores[j] === utility[i] > utility[j]) right++
      }
  }
  return pairs === 0 ? 0.5 : right / pairs
}

/**
 * Goodput of the item that scores [G, K] put first in each group over that of the group's mean item, as a geometric
 * mean over groups. 1 is chance.
 */
export function firstChoiceGain(groups: RankingGroups, scores: Float64Array): number {
  const { size, lengths, utility } = groups
  let sum = 0
  for (let group = 0; group < lengths.length; group++) {
    const from = group * size
    let mean = 0
    let best = from
    for (let i = from; i < from + lengths[group]; i++) {
      mean += utility[i] / lengths[group]
      if (scores[i] > scores[best]) best = i
    }
    sum += utility[best] - mean
  }
  return Math.exp(sum / lengths.length)
}
