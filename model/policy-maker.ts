import type { Random } from '../peer/ports/random.ts'
import type { Ranker } from '../peer/ports/ranker.ts'
import { checkScorer } from './check-scorer.ts'
import { checkSight, type TrackerSight } from './check-sight.ts'
import { PolicyError } from './errors.ts'
import { type LoadedModel, openModel } from './load-model.ts'
import { countParameters, describeArchitecture } from './mlp.ts'
import { checkModelName } from './model-version.ts'
import { createRanker, POLICY_NAMES, type PolicyName } from './policies.ts'

/** Makes rankers of policies by name and of models by their files, while a process runs. */
export class PolicyMaker {
  readonly names = POLICY_NAMES
  readonly #random: Random
  readonly #sight: TrackerSight | undefined
  #made = 0

  /** Models are checked against what the tracker can see, where that is given. */
  constructor(random: Random, sight?: TrackerSight) {
    this.#random = random
    this.#sight = sight
  }

  /** Throws ModelFileError where these are not the files of a model that scores as it should, PolicyError where it looks at what can't be seen. */
  check(files: ReadonlyMap<string, Uint8Array>, where: string) {
    const { label, card, mlp } = this.#open(files, where)
    const { createdAt, observable } = card
    const architecture = describeArchitecture(mlp)
    return { label, summary: { createdAt, observable, architecture, parameters: countParameters(mlp) } }
  }

  /** Throws ModelFileError and PolicyError. */
  make(policy: string, files: ReadonlyMap<string, Uint8Array> | undefined): Ranker {
    if (files && policy !== 'model')
      throw new PolicyError(`a model has no use with policy "${policy}": leave one of them out`)
    const model = files && this.#open(files, 'stored model')
    const random = this.#random.fork('ranker', this.#made++)
    return createRanker({ name: policy as PolicyName }, { random, model })
  }

  #open(files: ReadonlyMap<string, Uint8Array>, where: string): LoadedModel {
    const model = openModel(files, where)
    checkModelName(model.card.name)
    checkScorer(model)
    if (this.#sight) checkSight(model, this.#sight)
    return model
  }
}
