import type { InvariantLog } from './invariants.ts'

/** What the nodes of a world come for. One object serves one run. */
export interface Workload {
  /** Nodes that come, and whose end the run waits for. */
  readonly population: number
  /** Brings the sources to life and schedules the arrivals. */
  start(): void
  /** What was measured beyond what every run measures. */
  measure(): WorkloadMeasures
  /** What must hold at the end, before the nodes are taken apart. */
  check?(log: InvariantLog): void
}

export interface WorkloadMeasures {
  /** Values by the names of the metric catalogue; NaN where there is nothing to measure. */
  readonly metrics: Readonly<Record<string, number>>
  /** Values by the names of the distribution catalogue, in any order. */
  readonly samples: Readonly<Record<string, Float64Array>>
}
