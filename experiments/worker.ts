import type { MessagePort } from 'node:worker_threads'
import type { WorldProgress } from '../sim/world.ts'
import { Cancellation } from './cancellation.ts'
import { type RunReport, type RunTask, simulate } from './simulate.ts'

/** What a worker thread is sent. */
export interface WorkerTask {
  readonly task: RunTask
  /** Where progress is told. */
  readonly port: MessagePort
  /** Shared flag that ends the simulation early. */
  readonly cancelled: SharedArrayBuffer
}

const PROGRESS_EVERY_MS = 200

/** Runs one simulation in a worker thread. */
export default async function run({ task, port, cancelled }: WorkerTask): Promise<RunReport> {
  const cancellation = new Cancellation(cancelled)
  let toldMs = 0
  const tell = (progress: WorldProgress): void => {
    cancellation.check()
    const nowMs = performance.now()
    if (nowMs - toldMs < PROGRESS_EVERY_MS) return
    toldMs = nowMs
    port.postMessage(progress)
  }
  try {
    return await simulate(task, tell)
  } finally {
    port.close()
  }
}
