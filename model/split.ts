import { createHash } from 'node:crypto'
import { DatasetError } from './errors.ts'

export type SplitPart = 'train' | 'validation' | 'test'

export interface SplitPlan {
  readonly splitBy: 'seed' | 'seed and swarm'
  readonly units: Readonly<Record<SplitPart, number>>
  partOf(seed: string, swarm: string): SplitPart
}

/**
 * Deals whole simulation seeds to the splits, or, where there are fewer than three, whole swarms of a seed: never rows,
 * so that no peer of a held-out swarm was seen in training. Units are dealt in the order of their hashes, at least one
 * to each split. Throws DatasetError where there are fewer than three units.
 */
export function planSplit(
  swarms: readonly { readonly seed: string; readonly swarm: string }[],
  validationShare: number,
  testShare: number,
): SplitPlan {
  const seeds = new Set(swarms.map(({ seed }) => seed))
  const splitBy = seeds.size >= 3 ? 'seed' : 'seed and swarm'
  const keyOf = (seed: string, swarm: string) => (splitBy === 'seed' ? seed : `${seed}\n${swarm}`)
  const keys = [...new Set(swarms.map(({ seed, swarm }) => keyOf(seed, swarm)))]
  if (keys.length < 3)
    throw new DatasetError(
      `too few swarms to hold some out: ${keys.length} (at least 3 seeds or swarms are needed; run with --replications 3 or more, or record more live swarms)`,
    )
  const dealt = keys
    .map((key) => ({ key, hash: createHash('sha256').update(key).digest('hex') }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
  const test = Math.max(1, Math.round(testShare * keys.length))
  const validation = Math.max(1, Math.min(Math.round(validationShare * keys.length), keys.length - test - 1))
  const parts = new Map<string, SplitPart>()
  dealt.forEach(({ key }, i) =>
    parts.set(key, i < test ? 'test' : i < test + validation ? 'validation' : 'train'),
  )
  return {
    splitBy,
    units: { train: keys.length - test - validation, validation, test },
    partOf: (seed, swarm) => parts.get(keyOf(seed, swarm))!,
  }
}
