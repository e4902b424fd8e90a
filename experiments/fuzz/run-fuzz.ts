import { Piscina } from 'piscina'
import { checkSeed, type FuzzReport } from './check-seed.ts'
import { drawConfig, type Section } from './drawn-config.ts'
import type { FuzzTask } from './worker.ts'

export interface FuzzOptions {
  readonly seeds: Iterable<number>
  /** Draws worlds of this workload only; undefined for all. */
  readonly workload: string | undefined
  /** Worker threads; 0 runs in this thread, where nothing can end a world that hangs. */
  readonly workers: number
  /** A world that takes longer than this hangs, and is ended. */
  readonly mostMs: number
  readonly onReport: (report: FuzzReport) => void
}

/** Checks the worlds of many seeds; reports come in the order in which they end. */
export async function runFuzz({ seeds, workload, workers, mostMs, onReport }: FuzzOptions): Promise<void> {
  if (workers === 0) {
    for (const seed of seeds) onReport(checkSeed(seed, workload))
    return
  }
  const pool = new Piscina<FuzzTask, FuzzReport>({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
  })
  const waiting = seeds[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const task = { seed: next.value, workload }
      onReport(await checkWithin(pool, task, mostMs))
    }
  }
  try {
    await Promise.all(Array.from({ length: workers }, worker))
  } finally {
    await pool.destroy()
  }
}

async function checkWithin(
  pool: Piscina<FuzzTask, FuzzReport>,
  task: FuzzTask,
  mostMs: number,
): Promise<FuzzReport> {
  const signal = AbortSignal.timeout(mostMs)
  try {
    return await pool.run(task, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
    const { workload } = drawConfig(task.seed, task.workload) as { workload: Section }
    return {
      seed: task.seed,
      workload: String(workload['kind']),
      comparison: 'none',
      simulations: 1,
      events: 0,
      simulatedMs: 0,
      hash: '',
      failure: { key: 'hangs', message: `hangs: not done after ${mostMs / 1000} s`, stack: undefined },
    }
  }
}
