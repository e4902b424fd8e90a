import { checkSeed, type FuzzReport } from './check-seed.ts'

/** What a worker thread is sent. */
export interface FuzzTask {
  readonly seed: number
  readonly workload: string | undefined
}

/** Checks the world of one seed in a worker thread. */
export default function run({ seed, workload }: FuzzTask): FuzzReport {
  return checkSeed(seed, workload)
}
