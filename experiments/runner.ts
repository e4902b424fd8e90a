import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { WorldProgress } from '../sim/world.ts'
import { Cancellation } from './cancellation.ts'
import { RunFailedError } from './errors.ts'
import { type RunReport, type RunTask, simulate } from './simulate.ts'
import type { WorkerTask } from './worker.ts'
import { workerMemory } from './worker-memory.ts'

export interface RunnerOptions {
  /** Worker threads; 0 runs in this thread, one after the other. */
  readonly workers: number
  /** The command that runs one run of the experiment again. */
  readonly replayCommand: (runId: string) => string
  readonly onProgress?: (runId: string, progress: WorldProgress) => void
}

/** Runs simulations, in worker threads or here, in the order in which they were submitted. */
export class Runner {
  readonly #options: RunnerOptions
  readonly #pool: Piscina<WorkerTask, RunReport> | undefined
  readonly #cancellation = new Cancellation()
  readonly #running = new Set<Promise<RunReport>>()
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(options: RunnerOptions) {
    const { workers } = options
    this.#options = options
    this.#free = Math.max(1, workers)
    if (workers > 0)
      this.#pool = new Piscina({
        filename: new URL('./worker.js', import.meta.url).href,
        minThreads: 0,
        maxThreads: workers,
        idleTimeout: Infinity,
        resourceLimits: workerMemory(workers),
      })
  }

  /** Rejects with RunFailedError; the other runs are given up then. */
  async run(task: RunTask): Promise<RunReport> {
    await this.#turn()
    try {
      this.#cancellation.check()
      const running = this.#pool ? this.#inWorker(this.#pool, task) : this.#here(task)
      this.#running.add(running)
      return await running.finally(() => this.#running.delete(running))
    } catch (cause) {
      this.#cancellation.cancel()
      throw new RunFailedError(task.runId, task.seed, this.#options.replayCommand(task.runId), cause)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }

  /** Gives up what runs or waits, and ends the threads when they are at rest. */
  async close(): Promise<void> {
    this.#cancellation.cancel()
    await Promise.allSettled(this.#running)
    await this.#pool?.destroy()
  }

  /** Waits for a free thread; whoever is done hands his over to the one that has waited longest. */
  async #turn(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async #inWorker(pool: Piscina<WorkerTask, RunReport>, task: RunTask): Promise<RunReport> {
    const { port1, port2 } = new MessageChannel()
    port1.on('message', (progress: WorldProgress) => this.#options.onProgress?.(task.runId, progress))
    try {
      const message = { task, port: port2, cancelled: this.#cancellation.buffer }
      return await pool.run(message, { transferList: [port2] })
    } finally {
      port1.close()
    }
  }

  #here(task: RunTask): Promise<RunReport> {
    return simulate(task, (progress) => {
      this.#cancellation.check()
      this.#options.onProgress?.(task.runId, progress)
    })
  }
}
