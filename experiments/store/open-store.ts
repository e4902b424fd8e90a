import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { quote } from '../../peer/protocol/ids.ts'
import type { OutcomeStore, Store } from '../../peer/ports/outcome-store.ts'
import { InvalidStoreError } from './errors.ts'
import { FolderModels } from './folder-model-store.ts'
import { FolderRevocations } from './folder-revocation-store.ts'
import { connectMongo } from './mongo-connection.ts'
import { MongoModels } from './mongo-model-store.ts'
import { MongoOutcomes } from './mongo-outcome-store.ts'
import { MongoRevocations } from './mongo-revocation-store.ts'
import { ParquetOutcomes } from './parquet-outcome-store.ts'
import { checkFolder } from './store-folder.ts'

/** Outcomes that training can read. */
export interface ExportableOutcomes extends OutcomeStore {
  /** Writes all outcomes to one Parquet file; returns how many there are. Writes none where there are none. */
  exportTo(path: string): Promise<number>
}

export interface ExportableStore extends Store {
  readonly outcomes: ExportableOutcomes
}

export const isMongoUri = (store: string): boolean => /^mongodb(\+srv)?:\/\//.test(store)

/** Whether a folder is one that an embedded store was opened in. */
export const isStoreFolder = (folder: string): boolean =>
  existsSync(join(folder, 'outcomes', 'lock')) || existsSync(join(folder, 'journal', '0', 'lock'))

/**
 * Opens a store: the URI of a MongoDB database, or a folder. A server that can't be reached makes no error here: what is
 * asked of the store then rejects. Rejects with InvalidStoreError.
 */
export async function openStore(given: string, retentionMs?: number): Promise<ExportableStore> {
  if (isMongoUri(given)) {
    const connection = connectMongo(given)
    const { where, close } = connection
    return {
      ...{ where, close },
      outcomes: new MongoOutcomes(connection, retentionMs),
      models: new MongoModels(connection),
      revocations: new MongoRevocations(connection),
    }
  }
  if (given === '' || given.includes('://'))
    throw new InvalidStoreError(`invalid store: ${quote(given)} (a folder, or mongodb://HOST/DATABASE)`)
  await checkFolder('store', given)
  return {
    where: given,
    outcomes: new ParquetOutcomes(join(given, 'outcomes')),
    models: new FolderModels(join(given, 'models')),
    revocations: new FolderRevocations(join(given, 'tokens')),
    close: () => Promise.resolve(),
  }
}
