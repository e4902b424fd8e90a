import type { Ranker, Ranking } from '../../peer/ports/ranker.ts'
import type { SwarmPolicies } from '../core/options.ts'
import type { TrackerMetrics } from './metrics.ts'
import { swarmHash } from './swarm-name.ts'
import { TimedRanker } from './timed-ranker.ts'

/** A policy, with the label of its model where it needs one. */
export interface PolicyChoice {
  readonly policy: string
  /** Empty where the policy needs no model. */
  readonly model: string
}

/** A policy that is ready to rank. */
export interface ReadyPolicy extends PolicyChoice {
  readonly ranker: Ranker
}

/** `shadow`: the second policy ranks too and is only recorded; `canary`: it serves, and the main one is only recorded. */
export const SECOND_MODES = ['shadow', 'canary'] as const
export type SecondMode = (typeof SECOND_MODES)[number]

/** A policy tried beside the main one, on a share of the swarms. */
export interface SecondPolicy extends ReadyPolicy {
  readonly mode: SecondMode
  /** Share of the swarms, 0 to 1. */
  readonly share: number
}

/**
 * Which policy ranks for which swarm. A switch is one assignment between two decisions: a decision is made by one
 * policy from its beginning to its end.
 */
export class Serving {
  readonly #metrics: TrackerMetrics
  #main: ReadyPolicy
  #second: SecondPolicy | undefined
  /** What swarms outside the share of the second policy get, and those inside. */
  #outside: SwarmPolicies
  #inside: SwarmPolicies

  constructor(main: ReadyPolicy, metrics: TrackerMetrics) {
    this.#metrics = metrics
    this.#main = main
    this.#outside = this.#inside = { ranker: this.#timed(main, 'served') }
  }

  get main(): ReadyPolicy {
    return this.#main
  }

  get second(): SecondPolicy | undefined {
    return this.#second
  }

  /** The policies that rank at present, by what they do. */
  get slots(): Readonly<Record<string, Ranker>> {
    return { main: this.#main.ranker, ...(this.#second && { [this.#second.mode]: this.#second.ranker }) }
  }

  policiesOf(contentId: string): SwarmPolicies {
    if (!this.#second) return this.#outside
    return shareOf(contentId) < this.#second.share ? this.#inside : this.#outside
  }

  /** Notes whether a shadow put the same candidate first. */
  heardShadow(served: Ranking, shadow: Ranking): void {
    const { shadowed } = this.#metrics
    shadowed.decisions++
    if (served.order[0] === shadow.order[0]) shadowed.agreed++
  }

  serve(main: ReadyPolicy): void {
    this.#set(main, this.#second)
  }

  trySecond(second: SecondPolicy | undefined): void {
    this.#set(this.#main, second)
  }

  #set(main: ReadyPolicy, second: SecondPolicy | undefined): void {
    const outside = { ranker: this.#timed(main, 'served') }
    let inside: SwarmPolicies = outside
    if (second?.mode === 'shadow') inside = { ...outside, shadow: this.#timed(second, 'shadow') }
    if (second?.mode === 'canary')
      inside = { ranker: this.#timed(second, 'served'), shadow: this.#timed(main, 'shadow') }
    this.#main = main
    this.#second = second
    this.#outside = outside
    this.#inside = inside
  }

  #timed({ ranker }: ReadyPolicy, slot: 'served' | 'shadow'): Ranker {
    return new TimedRanker(ranker, this.#metrics.rankingSeconds[slot])
  }
}

/**
 * Where a swarm lies between 0 and 1: always at the same place, and evenly spread. A torrent's browsers lie where its other
 * clients do.
 */
export const shareOf = (contentId: string): number => swarmHash(contentId) / 2 ** 32
