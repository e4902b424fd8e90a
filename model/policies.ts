import { quote } from '../peer/protocol/ids.ts'
import type { Random } from '../peer/ports/random.ts'
import type { Ranker } from '../peer/ports/ranker.ts'
import { PolicyError } from './errors.ts'
import type { ExploreSpec } from './explore.ts'
import { EpsilonSelection, EXPLORE_KINDS, SoftmaxSelection } from './explore.ts'
import { KeyRanker } from './key-ranker.ts'
import type { Policy } from './policy.ts'
import { BanditPolicy } from './policy-bandit.ts'
import { NearestPolicy, SameRegionPolicy } from './policy-distance.ts'
import { FastestPolicy } from './policy-fastest.ts'
import { LeastLoadedPolicy } from './policy-load.ts'
import type { RankingModel } from './policy-model.ts'
import { ModelPolicy } from './policy-model.ts'
import { RandomPolicy } from './policy-random.ts'
import { RoundRobinPolicy } from './policy-round-robin.ts'
import { OPTIMISTIC_SHARE, TitForTatPolicy } from './policy-tit-for-tat.ts'
import type { Selection } from './selection.ts'
import { GreedySelection, PairSelection } from './selection.ts'

export const POLICY_NAMES = [
  'random',
  'round-robin',
  'nearest',
  'same-region',
  'least-loaded',
  'fastest',
  'two-choices',
  'tit-for-tat',
  'bandit',
  'model',
] as const
export type PolicyName = (typeof POLICY_NAMES)[number]

/** A policy as configs name it. */
export interface PolicySpec {
  readonly name: PolicyName
  readonly explore?: ExploreSpec | undefined
}

export interface RankerParts {
  /** The node's own stream for seed choice. */
  readonly random: Random
  /** Needed by the policy `model`. */
  readonly model?: RankingModel | undefined
}

/** Builds the ranker of one node. Throws PolicyError where the spec is not valid or a part is missing. */
export function createRanker(spec: PolicySpec, { random, model }: RankerParts): Ranker {
  const policy = createPolicy(spec.name, model)
  return new KeyRanker(policy, explore(spec.explore, policy, selectionOf(spec.name, random), random))
}

function selectionOf(name: PolicyName, random: Random): Selection {
  const greedy = new GreedySelection(random)
  if (name === 'two-choices') return new PairSelection(random)
  return name === 'tit-for-tat' ? new EpsilonSelection(greedy, OPTIMISTIC_SHARE, random) : greedy
}

/** The keys of a policy, without a way of selecting. Throws PolicyError for an unknown name or a missing model. */
export function createPolicy(name: PolicyName, model?: RankingModel): Policy {
  switch (name) {
    case 'random':
      return new RandomPolicy()
    case 'round-robin':
      return new RoundRobinPolicy()
    case 'nearest':
      return new NearestPolicy()
    case 'same-region':
      return new SameRegionPolicy()
    case 'least-loaded':
    case 'two-choices':
      return new LeastLoadedPolicy(name)
    case 'fastest':
      return new FastestPolicy()
    case 'tit-for-tat':
      return new TitForTatPolicy()
    case 'bandit':
      return new BanditPolicy()
    case 'model':
      if (model === undefined)
        throw new PolicyError('policy "model" needs a model folder (train one with `seedbed train`)')
      return new ModelPolicy(model)
    default:
      throw new PolicyError(`invalid policy: ${quote(name)} (allowed ${POLICY_NAMES.join(', ')})`)
  }
}

function explore(spec: ExploreSpec | undefined, policy: Policy, base: Selection, random: Random): Selection {
  if (spec === undefined) return base
  switch (spec.kind) {
    case 'epsilon':
      return new EpsilonSelection(base, spec.epsilon, random)
    case 'softmax':
      return new SoftmaxSelection(spec.temperature, !policy.isScored, random)
    default: {
      const { kind } = spec as { kind: unknown }
      throw new PolicyError(`invalid explore.kind: ${quote(kind)} (allowed ${EXPLORE_KINDS.join(', ')})`)
    }
  }
}
