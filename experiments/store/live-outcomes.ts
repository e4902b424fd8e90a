import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { drainOrphans } from './drain.ts'
import { DurableOutcomes } from './durable-outcomes.ts'
import { type ExportableStore, isMongoUri, openStore } from './open-store.ts'
import { newRunId, SinkRecorder } from './sink-recorder.ts'
import { checkFolder, openFolder } from './store-folder.ts'

export interface LiveOutcomesOptions {
  /** A folder, or the URI of a MongoDB database. */
  readonly store: string
  /** Begins the name of the recording. */
  readonly role: string
  /** Folder where rows wait for the store; that of an embedded store is in its folder where this is left out. */
  readonly queueFolder?: string | undefined
  readonly maxQueueBytes?: number | undefined
  readonly retentionMs?: number | undefined
  /** Share of the process's own decisions that is kept. Default 1. */
  readonly share?: number
  /** How often waiting rows go to the store. Default 10,000. */
  readonly drainMs?: number
  readonly warn?: ((text: string) => void) | undefined
}

/** What a live process keeps its outcomes with. */
export interface LiveOutcomes {
  readonly store: ExportableStore
  readonly sink: DurableOutcomes
  /** Gives the sink what the process itself decides. */
  readonly recorder: SinkRecorder
  /** Stores what can be stored; what can't waits on disk for the next start. */
  close(): Promise<void>
}

/** Where rows wait for a server when nothing else is said. */
const QUEUE_FOLDER = 'seedbed-queue'

/** The folder where rows wait for a store: those for one store never go to another. */
export function journalRootOf(store: string, where: string, queueFolder?: string): string {
  if (queueFolder === undefined && !store.includes('://')) return join(store, 'journal')
  const name = createHash('sha256').update(where).digest('hex').slice(0, 12)
  return join(queueFolder ?? QUEUE_FOLDER, name)
}

/** Sees, without writing anything, that a store and its queue could be there. Rejects with InvalidStoreError. */
export async function checkPlaces(given: string, queueFolder?: string): Promise<void> {
  const { where, close } = await openStore(given)
  await close()
  await checkFolder('store queue', dirname(journalRootOf(given, where, queueFolder)))
}

/** Makes the folder where rows wait, in one that is for nothing else. Rejects with InvalidStoreError. */
export async function prepareQueue(journalRoot: string): Promise<void> {
  await checkFolder('store queue', dirname(journalRoot))
  await openFolder('store queue', journalRoot)
}

/** Stores what processes that are gone have left in the queue before a store. */
export async function drainLeftovers(
  given: string,
  { where, outcomes }: ExportableStore,
  warn: (text: string) => void,
): Promise<void> {
  await drainOrphans(journalRootOf(given, where), outcomes, warn)
}

/** Rejects with InvalidStoreError. */
export async function openLiveOutcomes(options: LiveOutcomesOptions): Promise<LiveOutcomes> {
  const { maxQueueBytes, retentionMs, drainMs, share, warn } = options
  const store = await openStore(options.store, retentionMs)
  if (!isMongoUri(options.store)) await openFolder('store', options.store)
  const journalRoot = journalRootOf(options.store, store.where, options.queueFolder)
  await prepareQueue(journalRoot)
  const sink = await DurableOutcomes.open({
    ...{ store: store.outcomes, journalRoot },
    ...{ maxQueueBytes, retentionMs, warn },
    ...(drainMs !== undefined && { drainMs }),
  })
  const recorder = new SinkRecorder({
    ...{ sink, runId: newRunId(options.role) },
    ...(share !== undefined && { share }),
  })
  return {
    ...{ store, sink, recorder },
    close: async () => {
      await recorder.close()
      await sink.close()
      await store.close()
      if (recorder.dropped > 0) warn?.(`${recorder.dropped} outcome rows were dropped: too many at once`)
    },
  }
}
