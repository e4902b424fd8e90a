import { z } from 'zod'

// The one definition of what `seedbed run --json` prints and what a run folder's result.json holds.

/** A mean over replications with its two-sided 95 % confidence interval; null where it could not be computed. */
export const estimateSchema = z.object({
  mean: z.number().nullable(),
  ci95: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe('95 % interval of the mean (Student t over replications)'),
  n: z.number().int().describe('replications that gave a value'),
})

export const comparisonSchema = z.object({
  baseline: z.string().describe('policy that the difference is taken against'),
  meanDifference: z
    .number()
    .describe('mean over paired replications of (policy - baseline), in the unit of the metric'),
  ci95: z.tuple([z.number(), z.number()]).nullable().describe('95 % interval of the paired difference'),
  relative: z.number().nullable().describe('meanDifference divided by the mean of the baseline'),
  relativeCi95: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe('95 % interval of relative (Fieller, paired)'),
  significant: z.boolean().describe('the interval of the difference excludes 0'),
})

export const metricSchema = z.object({
  name: z.string(),
  label: z.string().describe('name as people read it'),
  group: z.string().describe('heading that the metric stands under'),
  unit: z
    .string()
    .describe('s, ms, B/s (bytes a second), share (0 to 1), index, ratio, count or /h (times an hour)'),
  better: z.enum(['lower', 'higher', 'neither']),
  primary: z
    .boolean()
    .describe('drawn as a chart; the first primary metric is the one the headline speaks of'),
  description: z.string(),
})

export const distributionSchema = z.object({
  name: z.string(),
  label: z.string().describe('name as people read it'),
  unit: z.string().describe('as with metrics'),
  covers: z
    .string()
    .nullable()
    .describe('metric that says which share of all the values cover, where some never come; null: all'),
  description: z.string().describe('what a point of the curve says'),
})

export const valueSchema = estimateSchema.extend({
  metric: z.string(),
  perReplication: z.array(z.number().nullable()).describe('one value a replication, in order'),
  vsBaseline: comparisonSchema.nullable(),
  shareOfOracleGain: estimateSchema
    .nullable()
    .describe(
      '(baseline - policy) / (baseline - oracle), paired, with Fieller interval; null without an oracle or a baseline, or where the oracle gains nothing; the interval is null where the gain of the oracle cannot be told from 0',
    ),
})

const quantilesSchema = z.array(z.number()).describe('values at the quantiles of `quantileLevels`')

export const cellSchema = z.object({
  cell: z.string().describe('identifier of the cell: policy and matrix point'),
  policy: z.string().describe('label of the policy'),
  policySpec: z.record(z.string(), z.unknown()).describe('resolved policy settings'),
  point: z.record(z.string(), z.unknown()).describe('matrix values of this cell, by config path'),
  values: z.array(valueSchema),
  distributions: z.record(z.string(), quantilesSchema).describe('by name of the distribution'),
  uploadLorenz: z
    .array(z.number())
    .describe('cumulative share of uploaded bytes at 0, 5, … 100 % of the peers, least busy first'),
  sourceBytes: z
    .object({ seeds: z.number(), peers: z.number(), origin: z.number() })
    .describe('mean payload bytes fetched, by source'),
  results: z.record(z.string(), z.number()).describe('fetches by how they ended, summed over replications'),
})

export const modelReportSchema = z.object({
  name: z.string(),
  version: z.string().describe('content hash of the model'),
  backend: z.string(),
  seed: z.string(),
  groups: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
  rows: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
  architecture: z.string(),
  parameters: z.number().int(),
  trainSeconds: z.number(),
  curve: z.array(z.object({ epoch: z.number().int(), trainLoss: z.number(), validationLoss: z.number() })),
  bestEpoch: z.number().int(),
  testMetrics: z.array(
    z.object({
      name: z.string(),
      value: z.number(),
      baseline: z.number().nullable(),
      description: z.string(),
    }),
  ),
  importance: z
    .array(
      z.object({
        feature: z.string(),
        lossIncrease: z.number(),
        ci95: z.tuple([z.number(), z.number()]).nullable(),
      }),
    )
    .describe(
      'permutation importance: rise of the test loss when the feature is shuffled, most important first',
    ),
})

export const publishedSchema = z.object({
  metric: z.string(),
  value: z.number().describe('in the unit of the metric'),
  source: z.string(),
  point: z
    .record(z.string(), z.unknown())
    .describe('matrix values that it was measured for, by config path; what is left out does not matter'),
})

export const resultSchema = z.object({
  schemaVersion: z.literal(2),
  name: z.string(),
  description: z.string(),
  seedbedVersion: z.string(),
  commit: z.string().nullable(),
  nodeVersion: z.string(),
  startedAt: z.string().describe('ISO 8601'),
  wallSeconds: z.number(),
  seed: z.string(),
  replications: z.number().int(),
  baseline: z.string().nullable().describe('label of the policy that the others are compared with'),
  oracle: z.string().nullable().describe('label of the policy that knows the true state; the upper bound'),
  facts: z
    .array(z.object({ label: z.string(), value: z.string() }))
    .describe('what was run, in words: peers, workload, churn, faults, …'),
  configHash: z.string().describe('SHA-256 of the resolved config'),
  outcomesHash: z.string().describe('SHA-256 over all outcome rows; depends on config and seed alone'),
  replayCommand: z.string(),
  config: z.unknown().describe('the resolved config'),
  runFolder: z.string(),
  workload: z.string().describe('kind of workload'),
  metrics: z.array(metricSchema),
  distributions: z.array(distributionSchema),
  quantileLevels: z.array(z.number()).describe('levels of the quantiles in `distributions`, 0 to 1'),
  cells: z.array(cellSchema),
  published: z
    .array(publishedSchema)
    .default([])
    .describe('figures that others have measured, to hold the simulated ones against'),
  outcomeRows: z.number().int(),
  invariants: z.object({
    runs: z.number().int(),
    checks: z.array(z.string()),
    violations: z.array(z.string()),
  }),
  model: modelReportSchema.nullable(),
})

export type Estimate = z.infer<typeof estimateSchema>
export type Comparison = z.infer<typeof comparisonSchema>
export type Distribution = z.infer<typeof distributionSchema>
export type Metric = z.infer<typeof metricSchema>
export type Value = z.infer<typeof valueSchema>
export type Cell = z.infer<typeof cellSchema>
export type ModelReport = z.infer<typeof modelReportSchema>
export type Published = z.infer<typeof publishedSchema>
export type Result = z.infer<typeof resultSchema>

/** JSON Schema of a result, as `seedbed schema result` prints it. */
export function resultJsonSchema(): object {
  return z.toJSONSchema(resultSchema)
}

/** Levels at which distributions are summarised: every percent. */
export const QUANTILE_LEVELS: readonly number[] = Array.from({ length: 101 }, (_, i) => i / 100)
