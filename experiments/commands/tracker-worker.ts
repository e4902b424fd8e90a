import { rmSync } from 'node:fs'
import { type DestinationStream, pino } from 'pino'
import { shareOfBound } from '../../tracker/live/cluster/place.ts'
import { openTracker, type OpenTracker, type RunningTracker } from './open-tracker.ts'
import type { WorkerBegin } from './tracker-cluster.ts'
import { resolveTracker } from './tracker-settings.ts'
import type { WorkerHears, WorkerSays } from './worker-pool.ts'

// One process of `seedbed tracker --cluster`: worker-pool.ts starts it and tells it what to do.

const ALIVE_MS = 2_000

const say = (message: WorkerSays<RunningTracker>): void =>
  void process.send?.(message, undefined, undefined, () => undefined)

async function begin({ given, files, place }: WorkerBegin): Promise<OpenTracker> {
  const { index } = place
  const log = pino({ level: given.logLevel }, process.stderr as DestinationStream).child({ worker: index })
  const seed = given.seed === undefined ? undefined : `${given.seed}/${index}`
  const store = { ...given, storeQueueMb: shareOfBound(given.storeQueueMb, place) }
  return openTracker(store, { ...resolveTracker(given, files), seed, place }, log)
}

let tracker: OpenTracker | undefined
let folder: string | undefined

// A primary that was killed can't put away what the processes had in common.
process.on('exit', () => {
  if (!process.connected && folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

async function hear(message: WorkerHears<WorkerBegin>): Promise<void> {
  switch (message.type) {
    case 'begin':
      folder = message.begin.place.folder
      tracker = await begin(message.begin)
      say({ type: 'up', up: tracker.running })
      return
    case 'drain':
      await tracker?.drain()
      return say({ type: 'drained' })
    case 'end':
      await tracker?.close()
      process.exit()
  }
}

// The signals of a terminal, or of a service manager, reach all processes at once: the primary says what to do.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)
process.on('message', (message: WorkerHears<WorkerBegin>) => {
  hear(message).catch((error: Error & { code?: string }) => {
    say({ type: 'failed', message: error.message, code: error.code ?? 'E_WORKER' })
    // Where nobody ends it: a worker that failed is of no use.
    setTimeout(() => process.exit(1), ALIVE_MS)
  })
})
setInterval(() => say({ type: 'alive' }), ALIVE_MS)
say({ type: 'ready' })
