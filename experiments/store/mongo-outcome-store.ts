import { type Collection, type Db, MongoBulkWriteError, MongoServerError } from 'mongodb'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import { writeLiveOutcomes } from './live-parquet.ts'
import { DURABLE, type MongoConnection, whileReachable } from './mongo-connection.ts'
import { documentOf, type OutcomeDocument, outcomeOf } from './mongo-outcomes.ts'
import type { ExportableOutcomes } from './open-store.ts'

/** Documents that go or come at once: well under the server's 48 MB a message. */
const BATCH_ROWS = 500
const DUPLICATE_KEY = 11_000
/** What servers without TTL indexes answer: NotImplemented, CommandNotSupported. */
const NOT_SUPPORTED: readonly unknown[] = [238, 115]
const EXPIRY_INDEX = 'received_at_1'

/** Outcomes in the collection `outcomes` of a MongoDB database. */
export class MongoOutcomes implements ExportableOutcomes {
  readonly #database: Db
  readonly #where: string
  readonly #retentionMs: number | undefined
  #ready: Promise<Collection<OutcomeDocument>> | undefined
  #expiresItself = false

  /** With a retention the server is asked to forget outcomes by itself. */
  constructor({ database, where }: MongoConnection, retentionMs?: number) {
    this.#database = database
    this.#where = where
    this.#retentionMs = retentionMs
  }

  insert(outcomes: readonly Outcome[]): Promise<number> {
    return whileReachable(this.#where, async () => {
      const collection = await this.#collection()
      let inserted = 0
      for (let from = 0; from < outcomes.length; from += BATCH_ROWS)
        inserted += await insertNew(collection, outcomes.slice(from, from + BATCH_ROWS).map(documentOf))
      return inserted
    })
  }

  async *read(runId?: string): AsyncGenerator<Outcome> {
    const filter = runId === undefined ? {} : { run_id: runId }
    const ask = <T>(work: () => Promise<T>): Promise<T> => whileReachable(this.#where, work)
    const collection = await ask(() => this.#collection())
    const cursor = collection.find(filter, { batchSize: BATCH_ROWS })
    try {
      for (;;) {
        const document = await ask(() => cursor.next())
        if (!document) return
        yield outcomeOf(document)
      }
    } finally {
      await cursor.close()
    }
  }

  expire(beforeMs: number): Promise<void> {
    return whileReachable(this.#where, async () => {
      const collection = await this.#collection()
      if (this.#expiresItself) return
      await collection.deleteMany({ received_at: { $lt: new Date(beforeMs) } })
    })
  }

  exportTo(path: string): Promise<number> {
    return writeLiveOutcomes(this.read(), path)
  }

  #collection(): Promise<Collection<OutcomeDocument>> {
    this.#ready ??= this.#prepare().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  async #prepare(): Promise<Collection<OutcomeDocument>> {
    const collection = this.#database.collection<OutcomeDocument>('outcomes')
    await collection.createIndex({ run_id: 1 })
    this.#expiresItself = await this.#setExpiry(collection)
    return collection
  }

  /** Makes the index by time such that the server expires what is to expire; returns whether it does. */
  async #setExpiry(collection: Collection<OutcomeDocument>): Promise<boolean> {
    const retentionMs = this.#retentionMs
    const wanted = retentionMs === undefined ? undefined : Math.round(retentionMs / 1000)
    const indexes = await collection.indexes()
    const present = indexes.find(({ name }) => name === EXPIRY_INDEX)
    if (present && present.expireAfterSeconds !== wanted) await collection.dropIndex(EXPIRY_INDEX)
    if (wanted !== undefined)
      try {
        await collection.createIndex({ received_at: 1 }, { expireAfterSeconds: wanted })
        return true
      } catch (error) {
        if (!(error instanceof MongoServerError) || !NOT_SUPPORTED.includes(error.code)) throw error
      }
    await collection.createIndex({ received_at: 1 })
    return false
  }
}

// Unordered, so that rows which are there already keep no other from being stored.
async function insertNew(
  collection: Collection<OutcomeDocument>,
  documents: OutcomeDocument[],
): Promise<number> {
  try {
    const { insertedCount } = await collection.insertMany(documents, {
      ordered: false,
      writeConcern: DURABLE,
    })
    return insertedCount
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error
    const errors = [error.writeErrors].flat()
    if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error
    return error.insertedCount
  }
}
