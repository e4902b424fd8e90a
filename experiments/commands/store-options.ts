import type { Argv } from 'yargs'
import { checkPlaces, type LiveOutcomes, openLiveOutcomes } from '../store/live-outcomes.ts'

const MIB = 1024 * 1024
const DAY_MS = 24 * 3600 * 1000

/** Where a live process keeps outcomes. */
export interface StoreArguments {
  store: string | undefined
  storeQueue: string | undefined
  storeQueueMb: number
  storeDays: number | undefined
  storeShare: number
}

export const STORE_DEFAULTS: StoreArguments = {
  store: undefined,
  storeQueue: undefined,
  storeQueueMb: 1024,
  storeDays: undefined,
  storeShare: 1,
}

export const storeOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('store', {
      alias: 'outcomes',
      type: 'string',
      requiresArg: true,
      describe: 'Where outcomes are kept: a folder, or mongodb://HOST/DATABASE [default: nowhere]',
    })
    .option('store-queue', {
      type: 'string',
      requiresArg: true,
      describe:
        'Folder where outcomes wait for the store, or for the tracker that they are reported to [default: in the store’s folder; else ./seedbed-queue]',
    })
    .option('store-queue-mb', {
      type: 'number',
      requiresArg: true,
      default: STORE_DEFAULTS.storeQueueMb,
      describe: 'Outcomes are refused while more than these MiB wait for the store',
    })
    .option('store-days', {
      type: 'number',
      requiresArg: true,
      describe: 'Days after which outcomes are forgotten [default: never]',
    })
    .option('store-share', {
      type: 'number',
      requiresArg: true,
      default: STORE_DEFAULTS.storeShare,
      describe: 'Share of its own decisions that this process keeps, drawn at random; reports are all kept',
    })
    .check((given) => checkStore(given as unknown as StoreArguments))

function checkStore({ store, storeQueueMb, storeDays, storeShare }: StoreArguments): true {
  if (!(storeShare >= 0 && storeShare <= 1)) throw new Error(`invalid --store-share: ${storeShare} (0 to 1)`)
  if (!(storeQueueMb >= 1 && storeQueueMb <= 1024 * 1024))
    throw new Error(`invalid --store-queue-mb: ${storeQueueMb} (1 to 1048576)`)
  if (storeDays !== undefined && !(storeDays > 0 && storeDays <= 36_500))
    throw new Error(`invalid --store-days: ${storeDays} (above 0, at most 36500)`)
  if (store === undefined && storeDays !== undefined)
    throw new Error('--store-days needs a store: give --store FOLDER or mongodb://HOST/DATABASE')
  return true
}

/** Opens the store that a command line asks for; undefined where it asks for none. Rejects with InvalidStoreError. */
export async function openStoreOf(
  { store, storeQueue, storeQueueMb, storeDays, storeShare }: StoreArguments,
  role: string,
  warn: (text: string) => void,
): Promise<LiveOutcomes | undefined> {
  if (store === undefined) return undefined
  return openLiveOutcomes({
    ...{ store, role, warn },
    queueFolder: storeQueue,
    share: storeShare,
    maxQueueBytes: storeQueueMb * MIB,
    retentionMs: storeDays === undefined ? undefined : storeDays * DAY_MS,
  })
}

/** Sees, without opening or writing anything, that a store could be where a command line asks for it. Rejects with InvalidStoreError. */
export async function checkStoreOf({ store, storeQueue }: StoreArguments): Promise<void> {
  if (store !== undefined) await checkPlaces(store, storeQueue)
}
