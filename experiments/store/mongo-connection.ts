import { type Db, MongoClient } from 'mongodb'
import { InvalidStoreError } from './errors.ts'

const DEFAULT_DATABASE = 'seedbed'
const TIMEOUT_MS = 5_000

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
