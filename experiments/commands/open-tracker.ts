import type { Logger } from 'pino'
import { startTracker, type TrackerServerOptions } from '../../tracker/live/compose.ts'
import { openStoreOf, type StoreArguments } from './store-options.ts'

/** What is told of a tracker that runs. */
export interface RunningTracker {
  readonly url: string
  readonly port: number
  /** Null where UDP is off. */
  readonly udpPort: number | null
  readonly policy: string
  /** Null where the policy needs none. */
  readonly model: string | null
}

export interface OpenTracker {
  readonly running: RunningTracker
  /** Takes no more from clients and answers what is under way. */
  drain(): Promise<void>
  /** Ends it; outcomes that wait are stored. */
  close(): Promise<void>
}

/** Opens a tracker with its store. Rejects with ListenError, InvalidStoreError, PolicyError or SettingError. */
export async function openTracker(
  store: StoreArguments,
  options: TrackerServerOptions,
  log: Logger,
): Promise<OpenTracker> {
  const outcomes = await openStoreOf(store, 'tracker', (text) => log.warn(text))
  const tracker = await startTracker({
    ...{ ...options, log },
    ...(outcomes && {
      ...{ recorder: outcomes.recorder, sink: outcomes.sink, models: outcomes.store.models },
      revocations: outcomes.store.revocations,
      outcomeQueue: () => outcomes.sink.state,
    }),
  }).catch(async (error: unknown) => {
    await outcomes?.close()
    throw error
  })
  const { policy, model } = tracker.serving
  return {
    running: {
      ...{ url: tracker.url, port: tracker.port, policy, model: model === '' ? null : model },
      udpPort: Number.isNaN(tracker.udpPort) ? null : tracker.udpPort,
    },
    drain: () => tracker.stopFront(),
    close: async () => {
      await tracker.stop()
      await outcomes?.close()
    },
  }
}
