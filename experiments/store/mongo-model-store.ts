import { Binary, type Collection, type Document } from 'mongodb'
import type { Activation, ModelStore, StoredModel } from '../../peer/ports/outcome-store.ts'
import { ADMIN_MS, DURABLE, type MongoConnection, whileReachable } from './mongo-connection.ts'
import { checkModel } from './stored-model.ts'

interface ModelDocument extends Document {
  readonly _id: string
  readonly saved_ms: number
  readonly files: readonly { readonly name: string; readonly data: Binary }[]
}

interface ActivationDocument extends Document {
  readonly at_ms: number
  readonly slot: string
  readonly policy: string
  readonly model: string
}

/** Models in the collection `models` of a MongoDB database, the switches between them in `activations`. */
export class MongoModels implements ModelStore {
  readonly #where: string
  readonly #models: Collection<ModelDocument>
  readonly #activations: Collection<ActivationDocument>

  constructor({ database, where }: MongoConnection) {
    this.#where = where
    this.#models = database.collection('models')
    this.#activations = database.collection('activations')
  }

  async putModel(model: StoredModel): Promise<void> {
    checkModel(model)
    const files = [...model.files].map(([name, data]) => ({ name, data: new Binary(data) }))
    await this.#ask(() =>
      this.#models.replaceOne(
        { _id: model.label },
        { saved_ms: model.savedMs, files },
        { upsert: true, writeConcern: DURABLE },
      ),
    )
  }

  async model(label: string): Promise<StoredModel | undefined> {
    const found = await this.#ask(() => this.#models.findOne({ _id: label }))
    if (!found) return undefined
    const files = new Map(found.files.map(({ name, data }) => [name, new Uint8Array(data.value())]))
    return { label, savedMs: found.saved_ms, files }
  }

  async models(): Promise<readonly Omit<StoredModel, 'files'>[]> {
    const found = await this.#ask(() => this.#models.find({}, { projection: { saved_ms: 1 } }).toArray())
    return found
      .map(({ _id, saved_ms }) => ({ label: _id, savedMs: saved_ms }))
      .sort((a, b) => b.savedMs - a.savedMs)
  }

  async removeModel(label: string): Promise<boolean> {
    const { deletedCount } = await this.#ask(() =>
      this.#models.deleteOne({ _id: label }, { writeConcern: DURABLE }),
    )
    return deletedCount > 0
  }

  async activated({ atMs, slot, policy, model }: Activation): Promise<void> {
    await this.#ask(() =>
      this.#activations.insertOne({ at_ms: atMs, slot, policy, model }, { writeConcern: DURABLE }),
    )
  }

  async activations(limit: number): Promise<readonly Activation[]> {
    const found = await this.#ask(() =>
      this.#activations.find({}).sort({ at_ms: -1, _id: -1 }).limit(limit).toArray(),
    )
    return found.map(({ at_ms, slot, policy, model }) => ({ atMs: at_ms, slot, policy, model }))
  }

  #ask<T>(work: () => Promise<T>): Promise<T> {
    return whileReachable(this.#where, work, ADMIN_MS)
  }
}
