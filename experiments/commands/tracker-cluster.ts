import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { socketOf } from '../../tracker/live/cluster/link.ts'
import type { ClusterPlace } from '../../tracker/live/cluster/place.ts'
import type { RunningTracker } from './open-tracker.ts'
import { UsageError } from '../errors.ts'
import type { Output } from './output.ts'
import { aborted } from './stop-signal.ts'
import type { TrackerArguments } from './tracker-options.ts'
import { readTrackerFiles, resolveTracker, type TrackerFiles } from './tracker-settings.ts'
import { tellRunning } from './tracker-summary.ts'
import { WorkerPool } from './worker-pool.ts'

/** What a worker begins with: what the command line came to, and what its files held, when the cluster was started. */
export interface WorkerBegin {
  readonly given: TrackerArguments
  readonly files: TrackerFiles
  readonly place: ClusterPlace
}

const SECRET_BYTES = 32
/** Of a Unix socket; the shortest that systems allow. */
const MOST_PATH_BYTES = 103

/** Runs a tracker of several processes until it is told to stop. Rejects with what a single one would reject with. */
export async function runCluster(
  given: TrackerArguments,
  count: number,
  { out }: Output,
  log: Logger,
  stop: AbortSignal,
): Promise<void> {
  const files = readTrackerFiles(given)
  resolveTracker(given, files)
  const folder = await mkdtemp(join(tmpdir(), 'seedbed-cluster-'))
  const secret = randomBytes(SECRET_BYTES)
  const startedMs = Date.now()
  let running: RunningTracker | undefined
  let ports: Partial<TrackerArguments> = {}
  const pool = new WorkerPool<WorkerBegin, RunningTracker>({
    ...{ count, log, program: fileURLToPath(new URL('./tracker-worker.js', import.meta.url)) },
    beginOf: (index, isReplacement, isAlone) => {
      // Free ports are those of the workers that have them; where all have died, they are taken again by number.
      if (isAlone && running) ports = portsOf(running)
      const place = { index, count, folder, secret, startedMs, isReplacement }
      return { given: { ...given, ...ports }, files, place }
    },
  })
  try {
    checkPath(socketOf(folder, count))
    ;[running] = await pool.start()
    log.info({ url: running.url, workers: count }, 'cluster is up')
    tellRunning(out, given, running)
    await aborted(stop)
    await pool.stop()
    log.info('cluster has stopped')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A path that is too long for a socket would be cut off somewhere. */
function checkPath(socket: string): void {
  if (Buffer.byteLength(socket) > MOST_PATH_BYTES)
    throw new UsageError(
      `invalid folder for temporary files: ${JSON.stringify(tmpdir())} (too long for the sockets between processes: set TMPDIR to a shorter one)`,
    )
}

const portsOf = ({ port, udpPort }: RunningTracker): Partial<TrackerArguments> => ({
  port,
  ...(udpPort !== null && { udpPort }),
})
