/** Values of a distribution, or points that each stand for `count / points.length` of its values. */
export interface Sample {
  count: number
  points: ArrayLike<number>
}

/** What one simulated or live run gave, before anything is summarised. */
export interface RunMeasure {
  /** Identifier of the cell (policy and matrix point). */
  cell: string
  /** Index from 0; runs of different cells with the same index ran on the same random numbers. */
  replication: number
  /** By names of the metrics catalogue. Null where a metric has no value in this run. */
  metrics: Record<string, number | null>
  /** By names of the distribution catalogue. */
  samples: Record<string, Sample>
  /** Bytes sent by each peer that has capacity to send. */
  uploadBytes: ArrayLike<number>
  /** Payload bytes fetched, by kind of source. */
  sourceBytes: { seeds: number; peers: number; origin: number }
  /** Number of fetches by how they ended. */
  results: Record<string, number>
}

/** One policy at one matrix point, as planned. */
export interface CellPlan {
  cell: string
  policy: string
  policySpec: Record<string, unknown>
  point: Record<string, unknown>
}
