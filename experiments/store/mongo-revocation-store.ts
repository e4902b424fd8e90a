import type { Collection, Document } from 'mongodb'
import type { Revocation, RevocationStore } from '../../peer/ports/outcome-store.ts'
import { ADMIN_MS, DURABLE, type MongoConnection, whileReachable } from './mongo-connection.ts'

interface RevocationDocument extends Document {
  readonly _id: string
  readonly kind: Revocation['kind']
  readonly name: string
  readonly revoked_ms: number
  readonly expires_ms: number | null
}

const idOf = (kind: Revocation['kind'], name: string): string => `${kind}:${name}`

/** Revocations in the collection `revocations` of a MongoDB database. */
export class MongoRevocations implements RevocationStore {
  readonly #where: string
  readonly #collection: Collection<RevocationDocument>

  constructor({ database, where }: MongoConnection) {
    this.#where = where
    this.#collection = database.collection('revocations')
  }

  async revoke({ kind, name, revokedMs, expiresMs }: Revocation, beforeMs: number): Promise<void> {
    await this.#ask(async () => {
      await this.#collection.replaceOne(
        { _id: idOf(kind, name) },
        { kind, name, revoked_ms: revokedMs, expires_ms: expiresMs },
        { upsert: true, writeConcern: DURABLE },
      )
      await this.#collection.deleteMany({ expires_ms: { $lt: beforeMs } })
    })
  }

  lift(kind: Revocation['kind'], name: string): Promise<boolean> {
    return this.#ask(async () => {
      const { deletedCount } = await this.#collection.deleteOne(
        { _id: idOf(kind, name) },
        { writeConcern: DURABLE },
      )
      return deletedCount > 0
    })
  }

  async revocations(): Promise<readonly Revocation[]> {
    const found = await this.#ask(() => this.#collection.find({}).toArray())
    return found.map(({ kind, name, revoked_ms, expires_ms }) => ({
      ...{ kind, name, revokedMs: revoked_ms, expiresMs: expires_ms },
    }))
  }

  #ask<T>(work: () => Promise<T>): Promise<T> {
    return whileReachable(this.#where, work, ADMIN_MS)
  }
}
