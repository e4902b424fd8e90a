import type { Outcome, OutcomeSink } from '../../../peer/ports/outcome-sink.ts'
import type { Activation, ModelStore, StoredModel } from '../../../peer/ports/outcome-store.ts'
import { SeededRandom } from '../../../peer/ports/seeded-random.ts'
import { fitInputs } from '../../../model/inputs.ts'
import { toLayersModelFiles } from '../../../model/layers-model.ts'
import { initialMlp } from '../../../model/mlp.ts'
import { cardOf } from '../../../model/model-card.testing.ts'
import { syntheticGroups } from '../../../model/synthetic.ts'

/** Keeps outcomes in a list; what `whenAsked` does comes first. */
export class ListSink implements OutcomeSink {
  readonly outcomes: Outcome[] = []
  whenAsked: () => Promise<void> = () => Promise.resolve()

  async append(outcomes: readonly Outcome[]): Promise<void> {
    await this.whenAsked()
    this.outcomes.push(...outcomes)
  }
}

/** A store of models that forgets them with the process. */
export class MemoryModels implements ModelStore {
  readonly #models = new Map<string, StoredModel>()
  readonly #activations: Activation[] = []

  async putModel(model: StoredModel): Promise<void> {
    this.#models.set(model.label, model)
  }

  async model(label: string): Promise<StoredModel | undefined> {
    return this.#models.get(label)
  }

  async models(): Promise<readonly Omit<StoredModel, 'files'>[]> {
    return [...this.#models.values()].map(({ label, savedMs }) => ({ label, savedMs })).reverse()
  }

  async removeModel(label: string): Promise<boolean> {
    return this.#models.delete(label)
  }

  async activated(activation: Activation): Promise<void> {
    this.#activations.unshift(activation)
  }

  async activations(limit: number): Promise<readonly Activation[]> {
    return this.#activations.slice(0, limit)
  }
}

/** The files of a small model that nobody has trained. */
export async function modelFiles(name: string): Promise<Map<string, Buffer<ArrayBuffer>>> {
  const inputs = fitInputs(syntheticGroups(20, 8, new SeededRandom('fit')), 'tracker-only')
  const mlp = initialMlp([inputs.length, 8, 1], name)
  const card = cardOf(name, inputs, mlp)
  const { modelJson, weights } = await toLayersModelFiles(mlp)
  return new Map([
    ['card.json', Buffer.from(JSON.stringify(card))],
    ['model.json', Buffer.from(modelJson)],
    ['weights.bin', Buffer.from(weights)],
  ])
}

export function formOf(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): FormData {
  const form = new FormData()
  for (const [name, data] of files) form.append(name, new Blob([data]), name)
  return form
}
