import { type Db, MongoClient, MongoError } from 'mongodb'
import { InvalidStoreError, StoreDownError } from './errors.ts'

const DEFAULT_DATABASE = 'seedbed'
const TIMEOUT_MS = 5_000
/** A server that has been asked and is silent for so long is taken for dead: one that is frozen keeps its connections open. */
const SILENCE_MS = 60_000

/** An admin who waits is told by then, whatever the server does. */
export const ADMIN_MS = 10_000

/** A write is on stable storage, at most of the servers, when it is acknowledged. */
export const DURABLE = { w: 'majority', journal: true } as const

export interface MongoConnection {
  /** The URI without user and password. */
  readonly where: string
  readonly database: Db
  close(): Promise<void>
}

/** A connection that is made when it is first used. Throws InvalidStoreError where the URI is none. */
export function connectMongo(uri: string): MongoConnection {
  const where = uri.replace(/\/\/.*@/, '//').replace(/\?.*$/, '')
  try {
    const client = new MongoClient(uri, {
      appName: 'seedbed',
      ...(!/serverSelectionTimeoutMS=/i.test(uri) && { serverSelectionTimeoutMS: TIMEOUT_MS }),
      ...(!/socketTimeoutMS=/i.test(uri) && { socketTimeoutMS: SILENCE_MS }),
    })
    const isNamed = /^mongodb(\+srv)?:\/\/[^/]+\/[^?]/.test(uri)
    return {
      where,
      database: client.db(isNamed ? undefined : DEFAULT_DATABASE),
      close: () => client.close(),
    }
  } catch (cause) {
    throw new InvalidStoreError(
      `invalid store: ${where}: ${(cause as Error).message} (mongodb://[USER:PASSWORD@]HOST[:PORT][/DATABASE] expected)`,
      { cause },
    )
  }
}

/**
 * Asks the server for something. Rejects with StoreDownError where it can't be reached, fails to do it, or has not done it
 * within `mostMs`; it may do it later then.
 */
export async function whileReachable<T>(where: string, work: () => Promise<T>, mostMs?: number): Promise<T> {
  try {
    return await (mostMs === undefined ? work() : within(mostMs, work()))
  } catch (error) {
    throw error instanceof MongoError ? new StoreDownError(where, error) : error
  }
}

async function within<T>(mostMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MongoError(`no answer within ${mostMs} ms`)), mostMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
